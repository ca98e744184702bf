import { cellsWithin } from './grid.ts'
import { PictureError } from './picture-error.ts'
import { isPlaced, ownersOf, placeOf } from './places.ts'
import type { MosaicPlan } from './plan.ts'
import type { TileSet } from './tile-set.ts'
import { placesOf } from './tile-sheet.ts'
import type { TileVariants } from './tile-variants.ts'

/** Column and row, from 0. A cell of several smallest cells is addressed by any of them. */
export interface CellPlace {
  x: number
  y: number
}

/** Edits to a plan. Tiles are named by their ID, or by their source (file name or URL). */
export interface PlanEdits {
  /** Put this tile into this cell. */
  pin?: readonly (CellPlace & { tile: string })[]
  /** Do not use these tiles anywhere. */
  ban?: readonly string[]
  /** Swap the tiles of two cells. */
  swap?: readonly (readonly [CellPlace, CellPlace])[]
  /** Use a different tile in this cell. Its current tile may stay in others. */
  replace?: readonly CellPlace[]
}

export interface AppliedEdits {
  /** By cell: the variant it held, or -1 if its tile is gone from the set. */
  before: Int32Array
  /** The same afterwards; -1 for cells to fill. */
  held: Int32Array
  /** 1 for tiles that may not be used. */
  banned: Uint8Array
  unfilled: number[]
  /** By cell: the variant that it may not hold again, nor an equal one. */
  refused: Map<number, number>
}

/**
 * Applies edits and empties the cells whose tiles they rule out.
 * @throws PictureError `invalid_edit`
 */
export function applyEdits(
  plan: MosaicPlan,
  tiles: TileSet,
  variants: TileVariants,
  { groups, most = Infinity }: { groups: Uint32Array; most?: number | undefined },
  edits: PlanEdits,
): AppliedEdits {
  const { grid, options } = plan
  const places = placesOf(tiles)
  const variantOf = plan.tiles.map(({ id, orientation = 0 }) => {
    const tile = places.get(id)
    return tile === undefined ? -1 : variants.variantOf(tile, orientation)
  })
  const before = Int32Array.from(plan.cells, (tile) => variantOf[tile]!)
  const held = before.slice()
  const find = tileFinder(tiles, places)
  const owners = isPlaced(grid) ? ownersOf(grid) : undefined
  const cellAt = ({ x, y }: CellPlace): number => {
    const isThere = Number.isInteger(x) && Number.isInteger(y) && x >= 0 && y >= 0
    if (!isThere || x >= grid.columns || y >= grid.rows)
      throw refusal(
        `a cell of the mosaic, columns 0 to ${grid.columns - 1} and rows 0 to ${grid.rows - 1}, but received ${x},${y}`,
      )
    const at = y * grid.columns + x
    if (owners?.[at] === -1) throw refusal(`a place where the mosaic has a cell but received ${x},${y}`)
    return owners ? owners[at]! : at
  }

  const banned = new Uint8Array(groups.length)
  const isBanned = new Set((edits.ban ?? []).map(find))
  for (let variant = 0; variant < banned.length; variant++)
    if (isBanned.has(variants.tileOf(variant))) banned[variant] = 1

  const nameOf = (cell: number) => {
    const { column, row } = placeOf(grid, cell)
    return `${column},${row}`
  }
  const fixed = new Set<number>()
  const refused = new Map<number, number>()
  const once = (cell: number): void => {
    if (fixed.has(cell) || refused.has(cell))
      throw refusal(`one edit for each cell but received two for ${nameOf(cell)}`)
  }
  const fix = (cell: number, variant: number): void => {
    once(cell)
    if (variant < 0) throw refusal('cells to swap whose tiles are in the library but one tile is gone')
    if (banned[variant]) throw refusal('a tile that is not banned as well')
    fixed.add(cell)
    held[cell] = variant
  }
  for (const [one, other] of edits.swap ?? []) {
    const [a, b] = [cellAt(one), cellAt(other)]
    fix(a, before[b]!)
    if (b !== a) fix(b, before[a]!)
  }
  for (const { tile, ...place } of edits.pin ?? []) {
    const [cell, wanted] = [cellAt(place), find(tile)]
    /* Keeps its orientation if the tile is already there. */
    const stays = before[cell]! >= 0 && variants.tileOf(before[cell]!) === wanted
    fix(cell, stays ? before[cell]! : variants.variantOf(wanted, 0))
  }
  for (const place of edits.replace ?? []) {
    const cell = cellAt(place)
    once(cell)
    refused.set(cell, before[cell]!)
  }

  const empty = (cell: number): void => {
    held[cell] = -1
  }
  for (const [cell, variant] of held.entries())
    if (variant < 0 || banned[variant] || refused.has(cell)) empty(cell)
  const around = cellsWithin(grid, options.distance)
  for (const cell of fixed)
    for (const other of around(cell)) {
      if (held[other]! < 0 || groups[held[other]!] !== groups[held[cell]!]) continue
      if (fixed.has(other))
        throw refusal(
          `equal tiles more than ${options.distance} cells apart but received edits that bring two closer`,
        )
      empty(other)
    }
  keepWithin(most, held, groups, fixed, plan.scores)
  return { before, held, banned, refused, unfilled: [...held.keys()].filter((cell) => held[cell]! < 0) }
}

/** Empties cells, worst first within each group, until no group exceeds its limit. */
function keepWithin(
  most: number,
  held: Int32Array,
  groups: Uint32Array,
  fixed: ReadonlySet<number>,
  scores: Float32Array,
): void {
  if (most === Infinity) return
  const holders = new Map<number, number[]>()
  for (const [cell, variant] of held.entries()) {
    if (variant < 0) continue
    const group = groups[variant]!
    const cells = holders.get(group)
    if (cells) cells.push(cell)
    else holders.set(group, [cell])
  }
  for (const cells of holders.values()) {
    if (cells.length <= most) continue
    const free = cells.filter((cell) => !fixed.has(cell)).sort((a, b) => scores[b]! - scores[a]!)
    if (cells.length - free.length > most)
      throw refusal(`a tile to be used at most ${most} times but received edits that use one more often`)
    for (const cell of free.slice(0, cells.length - most)) held[cell] = -1
  }
}

/**
 * Finds tiles by ID or, if unique, by source.
 * @throws PictureError `invalid_edit`
 */
export function tileFinder(tiles: TileSet, places = placesOf(tiles)): (name: string) => number {
  const bySource = new Map<string, number[]>()
  for (let tile = 0; tile < tiles.count; tile++) {
    const { source } = tiles.credit(tile)
    const same = bySource.get(source)
    if (same) same.push(tile)
    else bySource.set(source, [tile])
  }
  return (name) => {
    const tile = places.get(name)
    if (tile !== undefined) return tile
    const [first, second] = bySource.get(name) ?? []
    if (first === undefined)
      throw refusal(`a tile of the library, by ID or source, but received ${JSON.stringify(name)}`)
    if (second !== undefined)
      throw refusal(`the ID of a tile, because more than one is called ${JSON.stringify(name)}`)
    return first
  }
}

const refusal = (expected: string) => new PictureError('invalid_edit', `Expected ${expected}.`)

import {
  bodyLength,
  type HeadValue,
  headLength,
  kindOf,
  type TileIndex,
  transposeBody,
  type Ways,
  writeBody,
  writeHead,
} from './matching-vectors.ts'
import { featureLength } from './tile-set.ts'

const pageBytes = 65_536
/**
 * Bytes for candidate lists when all cells are searched at once: with a million cells, lists are shorter than
 * with 57,600.
 */
const listBudget = 512 * 2 ** 20

/**
 * Memory shared by threads and the kernel: vectors of tiles and cells, and the candidates found for each
 * cell.
 */
export interface SearchSpace {
  memory: WebAssembly.Memory
  /** The orientations the kernel searches, and the coefficients it compares first. */
  ways: Ways
  head: HeadValue[]
  /** Tiles times orientations. */
  tileCount: number
  cellCount: number
  /** Tiles kept for each cell, nearest first. */
  keep: number
  /** The tile at each position of the kernel's order. */
  tileAt: Uint32Array
  /** Offsets in bytes. */
  heads: number
  bodies: number
  norms: number
  groups: number
  cells: number
  lists: number
  /** Space for one number per tile, for one thread at a time. */
  scratch: number
}

/** int16 per cell: head, body, and the transposed body if tiles may be transposed. */
export const cellLength = (ways: Ways): number => headLength + bodyLength * (ways === 8 ? 2 : 1)

/** @param most nearest tiles to keep per cell; fewer if there are fewer groups or memory is limited */
export function makeSearchSpace(
  index: TileIndex,
  tileGroups: Uint32Array,
  cellCount: number,
  most: number,
): SearchSpace {
  const { ways, head, bodies: vectors, tileAt } = index
  const count = tileAt.length / ways
  const grouping = numberGroups(index, tileGroups)
  const keep = Math.max(1, Math.min(most, grouping.different, Math.floor(listBudget / (cellCount * 8))))
  const heads = 0
  const bodies = heads + count * headLength * 2
  const norms = bodies + count * bodyLength * 2
  const groups = norms + count * 4
  const cells = Math.ceil((groups + count * 4) / 16) * 16
  const lists = cells + cellCount * cellLength(ways) * 2
  const scratch = Math.ceil((lists + cellCount * keep * 8) / 16) * 16
  const pages = Math.ceil((scratch + tileAt.length * 4) / pageBytes)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65_536, shared: true })
  const all = new Int16Array(memory.buffer)
  all.set(vectors, bodies / 2)
  const squared = new Uint32Array(memory.buffer, norms, count)
  for (let tile = 0; tile < count; tile++) {
    const body = bodies / 2 + tile * bodyLength
    writeHead(head, all, body, all, heads / 2 + tile * headLength)
    for (let i = body; i < body + bodyLength; i++) squared[tile]! += all[i]! * all[i]!
  }
  new Uint32Array(memory.buffer, groups, count).set(grouping.numbers)
  const offsets = { heads, bodies, norms, groups, cells, lists, scratch }
  return { memory, ways, head, tileCount: tileAt.length, cellCount, keep, tileAt, ...offsets }
}

/** Groups in the kernel's order, one per tile: 0 for a tile without near-duplicates. */
function numberGroups(
  { ways, tileAt }: TileIndex,
  groups: Uint32Array,
): { numbers: Uint32Array; different: number } {
  const sizes = new Map<number, number>()
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  const numbers = Uint32Array.from({ length: tileAt.length / ways }, (_, at) => {
    const group = groups[tileAt[at * ways]!]!
    return sizes.get(group) === ways ? 0 : group + 1
  })
  return { numbers, different: sizes.size }
}

/**
 * Prepares cells `from` to `to` (exclusive) for search.
 * @param features of all cells of the space
 */
export function writeCells(space: SearchSpace, features: Float32Array, from: number, to: number): void {
  const half = new Float64Array(featureLength)
  const all = new Int16Array(space.memory.buffer)
  for (let cell = from; cell < to; cell++) {
    const body = bodyOf(space, cell)
    writeBody(features, cell * featureLength, all, body, half)
    finishCell(space, all, body)
  }
}

/** Makes the tiles at some positions, in their orientations there, the cells of another space. */
export function tilesAsCells(from: SearchSpace, positions: readonly number[], to: SearchSpace): void {
  const all = new Int16Array(from.memory.buffer)
  const out = new Int16Array(to.memory.buffer)
  positions.forEach((position, cell) => {
    const body = bodyOf(to, cell)
    const tile = from.bodies / 2 + Math.floor(position / from.ways) * bodyLength
    const way = position % from.ways
    if (way & 4) transposeBody(all, tile, out, body)
    else out.set(all.subarray(tile, tile + bodyLength), body)
    for (let slot = 0; slot < bodyLength; slot++) if (isNegated(slot, way)) out[body + slot]! *= -1
    finishCell(to, out, body)
  })
}

/** Bodies of all cells, consecutively. */
export function cellBodies(space: SearchSpace): Int16Array<SharedArrayBuffer> {
  const all = new Int16Array(space.memory.buffer)
  const bodies = new Int16Array(new SharedArrayBuffer(space.cellCount * bodyLength * 2))
  for (let cell = 0; cell < space.cellCount; cell++) {
    const from = bodyOf(space, cell)
    bodies.set(all.subarray(from, from + bodyLength), cell * bodyLength)
  }
  return bodies
}

function finishCell({ ways, head }: SearchSpace, all: Int16Array, body: number): void {
  writeHead(head, all, body, all, body - headLength)
  if (ways === 8) transposeBody(all, body, all, body + bodyLength)
}

/** Offset of a cell's body, in int16. */
const bodyOf = ({ cells, ways }: SearchSpace, cell: number) =>
  cells / 2 + cell * cellLength(ways) + headLength

/** Stride of cells, in bytes. */
export const cellBytes = ({ ways }: SearchSpace): number => cellLength(ways) * 2

/**
 * Whether the coefficient in a slot changes its sign when a picture is mirrored (1) or turned upside down
 * (2).
 */
const isNegated = (slot: number, way: number): boolean => {
  const odd = kindOf(slot) & way
  return odd === 1 || odd === 2
}

/** Distances of a cell from the tile at any position, equal to the kernel's. */
export function distancesOf(space: SearchSpace, cell: number): (position: number) => number {
  const { ways, bodies } = space
  const all = new Int16Array(space.memory.buffer)
  const upright = bodyOf(space, cell)
  return (position) => {
    const way = position % ways
    const tile = bodies / 2 + ((position - way) / ways) * bodyLength
    /* The cell is transposed instead of the tile: odd horizontally becomes odd vertically. */
    const own = way & 4 ? upright + bodyLength : upright
    const signs = way & 4 ? ((way & 1) << 1) | ((way & 2) >> 1) : way & 3
    let sum = 0
    for (let slot = 0; slot < bodyLength; slot++) {
      const other = all[tile + slot]!
      sum += (all[own + slot]! - (signs > 0 && isNegated(slot, signs) ? -other : other)) ** 2
    }
    return Math.sqrt(sum)
  }
}

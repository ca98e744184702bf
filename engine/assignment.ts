import type { Grid } from './grid.ts'
import { type Candidates, squaredDistance } from './nearest.ts'
import { checkpoint, type Shared } from './threads.ts'
import { featureLength } from './tile-set.ts'

export interface AssignmentTask {
  grid: Grid
  /** Equal tiles keep more than this many cells apart. */
  distance: number
  /** Tiles of one number count as equal. */
  groups: Uint32Array
  cells: Float32Array
  tiles: Float32Array
  candidates: Candidates
  shared: Shared
}

/** On a thread: gives each cell a tile such that equal ones keep their distance. Returns a tile per cell. */
export function assignTiles(task: AssignmentTask): Uint32Array<SharedArrayBuffer> {
  return assignInOrder(task) ?? assignByPattern(task)
}

/** Row by row, each cell takes the nearest tile still allowed there. Undefined when a cell finds none. */
function assignInOrder(task: AssignmentTask): Uint32Array<SharedArrayBuffer> | undefined {
  const { grid, distance, groups, candidates, shared } = task
  const { columns, rows } = grid
  const chosen = new Uint32Array(new SharedArrayBuffer(columns * rows * 4))
  /* Which cell's search last met a group in its surroundings: spares clearing a set for every cell. */
  const seenBy = new Int32Array(groups.length).fill(-1)
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const cell = y * columns + x
      for (let ny = Math.max(0, y - distance); ny <= y; ny++) {
        const end = ny === y ? x : Math.min(columns, x + distance + 1)
        for (let nx = Math.max(0, x - distance); nx < end; nx++)
          seenBy[groups[chosen[ny * columns + nx]!]!] = cell
      }
      const allowed = (tile: number) => seenBy[groups[tile]!] !== cell
      const tile = firstAllowed(candidates, cell, allowed) ?? nearestAllowed(task, cell, allowed)
      if (tile === undefined) return undefined
      chosen[cell] = tile
    }
    checkpoint(shared, columns)
  }
  return chosen
}

function firstAllowed({ tiles, keep }: Candidates, cell: number, allowed: (tile: number) => boolean) {
  for (let i = cell * keep; i < (cell + 1) * keep; i++) if (allowed(tiles[i]!)) return tiles[i]!
  return undefined
}

function nearestAllowed(
  { cells, tiles, groups }: Pick<AssignmentTask, 'cells' | 'tiles' | 'groups'>,
  cell: number,
  allowed: (tile: number) => boolean,
): number | undefined {
  let best: number | undefined
  let least = Infinity
  for (let tile = 0; tile < groups.length; tile++) {
    if (!allowed(tile)) continue
    const cost = squaredDistance(cells, cell, tiles, tile, least)
    if (cost < least) {
      least = cost
      best = tile
    }
  }
  return best
}

/**
 * For libraries so small that choosing in order may run out of tiles: the places of a window of `distance + 1` cells
 * a side, repeated over the grid, share the groups out among themselves, dark to light, so that each has some of all.
 */
function assignByPattern(task: AssignmentTask): Uint32Array<SharedArrayBuffer> {
  const { grid, distance, groups, tiles, shared } = task
  const across = Math.min(grid.columns, distance + 1)
  const places = across * Math.min(grid.rows, distance + 1)
  const byLightness = [...new Map([...groups].map((group, tile) => [group, tile]))]
    .sort(([, a], [, b]) => lightness(tiles, a) - lightness(tiles, b) || a - b)
    .map(([group]) => group)
  const placeOf = new Map(byLightness.map((group, rank) => [group, rank % places]))
  const chosen = new Uint32Array(new SharedArrayBuffer(grid.columns * grid.rows * 4))
  for (let cell = 0; cell < chosen.length; cell++) {
    const x = (cell % grid.columns) % (distance + 1)
    const y = Math.floor(cell / grid.columns) % (distance + 1)
    const place = y * across + x
    chosen[cell] = nearestAllowed(task, cell, (tile) => placeOf.get(groups[tile]!) === place)!
    if (x === 0) checkpoint(shared, 0)
  }
  return chosen
}

function lightness(tiles: Float32Array, tile: number): number {
  const start = tile * featureLength
  let sum = 0
  for (let i = start; i < start + featureLength; i += 3) sum += tiles[i]!
  return sum
}

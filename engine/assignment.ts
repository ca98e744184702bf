import type { Grid } from './grid.ts'
import { distancesOf, type Found, foundTiles, type SearchSpace } from './nearest.ts'
import { checkpoint, type Shared } from './threads.ts'

export interface AssignmentTask {
  grid: Grid
  /** Equal tiles keep more than this many cells apart. */
  distance: number
  /** Tiles of one number count as equal. */
  groups: Uint32Array
  space: SearchSpace
  shared: Shared
}

/** A tile for each cell, and how far it is from the cell. */
export interface Assignment {
  chosen: Uint32Array<SharedArrayBuffer>
  costs: Float32Array<SharedArrayBuffer>
}

/** On a thread: gives each cell a tile such that equal ones keep their distance. */
export function assignTiles(task: AssignmentTask): Assignment {
  return assignInOrder(task, foundTiles(task.space)) ?? assignByPattern(task)
}

function empty({ columns, rows }: Grid): Assignment {
  const cells = columns * rows
  return {
    chosen: new Uint32Array(new SharedArrayBuffer(cells * 4)),
    costs: new Float32Array(new SharedArrayBuffer(cells * 4)),
  }
}

/** Row by row, each cell takes the nearest tile still allowed there. Undefined when a cell finds none. */
function assignInOrder(task: AssignmentTask, found: Found): Assignment | undefined {
  const { grid, distance, groups, space, shared } = task
  const { columns, rows } = grid
  const assignment = empty(grid)
  const { chosen, costs } = assignment
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
      let i = cell * space.keep * 2
      const end = i + space.keep * 2
      while (i < end && seenBy[groups[found.tiles[i]!]!] === cell) i += 2
      if (i < end) {
        chosen[cell] = found.tiles[i]!
        costs[cell] = found.costs[i + 1]!
      } else if (!takeNearest(space, cell, (tile) => seenBy[groups[tile]!] !== cell, assignment))
        return undefined
    }
    checkpoint(shared, columns)
  }
  return assignment
}

/** Looks at all tiles: for the rare cell that finds nothing among those kept for it. */
function takeNearest(
  space: SearchSpace,
  cell: number,
  allowed: (tile: number) => boolean,
  { chosen, costs }: Assignment,
): boolean {
  const distance = distancesOf(space, cell)
  let least = Infinity
  for (let position = 0; position < space.tileCount; position++) {
    const tile = space.tileAt[position]!
    if (!allowed(tile)) continue
    const cost = distance(position)
    if (cost >= least) continue
    least = cost
    chosen[cell] = tile
    costs[cell] = cost
  }
  return least < Infinity
}

/**
 * For libraries so small that choosing in order may run out of tiles: the places of a window of `distance + 1` cells
 * a side, repeated over the grid, share the groups out among themselves, dark to light, so that each has some of all.
 */
function assignByPattern(task: AssignmentTask): Assignment {
  const { grid, distance, groups, space, shared } = task
  const across = Math.min(grid.columns, distance + 1)
  const places = across * Math.min(grid.rows, distance + 1)
  const byLightness = new Set(Array.from(space.tileAt, (tile) => groups[tile]!))
  const placeOf = new Map([...byLightness].map((group, rank) => [group, rank % places]))
  const assignment = empty(grid)
  for (let cell = 0; cell < assignment.chosen.length; cell++) {
    const x = (cell % grid.columns) % (distance + 1)
    const y = Math.floor(cell / grid.columns) % (distance + 1)
    const place = y * across + x
    takeNearest(space, cell, (tile) => placeOf.get(groups[tile]!) === place, assignment)
    if (x === 0) checkpoint(shared, 0)
  }
  return assignment
}

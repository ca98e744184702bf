import type { Grid } from './grid.ts'
import { distancesOf, type Found, foundTiles, nearestAllowed, type SearchSpace } from './nearest.ts'
import { checkpoint, type Shared } from './threads.ts'

export interface AssignmentTask {
  grid: Grid
  /** Equal tiles keep more than this many cells apart. */
  distance: number
  /** Tiles of one number count as equal; numbers from 0 up to before `groupCount`. */
  groups: Uint32Array
  groupCount: number
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
  const { grid, distance, groups, groupCount, space, shared } = task
  const { columns, rows } = grid
  const assignment = empty(grid)
  const { chosen, costs } = assignment
  const { keep } = space
  /*
   * How often each group stands in the window of cells, chosen before this one, that may not hold the same. The window
   * moves with the cell, a column in and a column out, because to look through it all is too slow for a large distance.
   */
  const held = new Uint32Array(groupCount)
  const count = (x: number, fromRow: number, toRow: number, change: 1 | -1) => {
    for (let i = fromRow * columns + x; i < toRow * columns; i += columns)
      held[groups[chosen[i]!]!]! += change
  }
  for (let y = 0; y < rows; y++) {
    const top = Math.max(0, y - distance)
    held.fill(0)
    for (let x = 0; x < Math.min(distance, columns); x++) count(x, top, y, 1)
    for (let x = 0; x < columns; x++) {
      if (x + distance < columns) count(x + distance, top, y, 1)
      if (x > distance) count(x - distance - 1, top, y + 1, -1)
      const cell = y * columns + x
      let i = cell * keep * 2
      const end = i + keep * 2
      while (i < end && held[groups[found.tiles[i]!]!]! > 0) i += 2
      if (i < end) {
        chosen[cell] = found.tiles[i]!
        costs[cell] = found.costs[i + 1]!
      } else {
        const position = nearestAllowed(space, cell, (tile) => held[groups[tile]!] === 0)
        if (position < 0) return undefined
        chosen[cell] = space.tileAt[position]!
        costs[cell] = distancesOf(space, cell)(position)
      }
      held[groups[chosen[cell]!]!]!++
    }
    checkpoint(shared, columns)
  }
  return assignment
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
  const positionsFor: number[][] = Array.from({ length: places }, () => [])
  for (const [position, tile] of space.tileAt.entries())
    positionsFor[placeOf.get(groups[tile]!)!]!.push(position)
  const assignment = empty(grid)
  for (let cell = 0; cell < assignment.chosen.length; cell++) {
    const x = (cell % grid.columns) % (distance + 1)
    const y = Math.floor(cell / grid.columns) % (distance + 1)
    const distanceTo = distancesOf(space, cell)
    let least = Infinity
    for (const position of positionsFor[y * across + x]!) {
      const cost = distanceTo(position)
      if (cost >= least) continue
      least = cost
      assignment.chosen[cell] = space.tileAt[position]!
    }
    assignment.costs[cell] = least
    if (x === 0) checkpoint(shared, 0)
  }
  return assignment
}

import type { Assignment } from './assignment.ts'
import { checkpoint, type Shared } from './checkpoint.ts'
import { ejection, mostLookedAt, none } from './ejection.ts'
import type { Grid } from './grid.ts'
import type { SearchSpace } from './search-space.ts'

/** Passes over all cells. The second gains a third as much as the first, a third one would gain 0.5 %. */
const passes = 2
const windowSize = (distance: number) => (2 * distance + 1) ** 2
/** Equal tiles are more than `distance` apart, so at most four are within `distance` of one cell. */
const mostHolders = 4

export interface ImprovementTask {
  grid: Grid
  /** Equal tiles keep more than this many cells apart. */
  distance: number
  /** Tiles of the same number count as equal; numbers are below `groupCount`. */
  groups: Uint32Array
  groupCount: number
  space: SearchSpace
  /** The first row of `space`. The rows of `grid` end with it. */
  firstRow: number
  assignment: Assignment
  /** Maximum uses of a group, and current uses. With these, only one task may run at a time. */
  most?: number | undefined
  uses?: Uint32Array | undefined
  /** The rows that may change: first, and one past the last. */
  fromRow: number
  toRow: number
  shared: Shared
}

export type Rows = Pick<ImprovementTask, 'fromRow' | 'toRow'>

/**
 * Rounds of stripes of rows. The stripes of a round are far enough apart to be improved in parallel with a
 * deterministic result. Each pass divides the rows differently, so that no cell stays at a stripe's border.
 *
 * @param oneByOne one stripe per round: with a limit on uses, each stripe must see the changes of the
 * previous ones
 */
export function improvementRounds(
  firstRow: number,
  rows: number,
  distance: number,
  oneByOne = false,
): Rows[][] {
  if (distance === 0 || windowSize(distance) > mostLookedAt) return []
  const height = Math.max(24, 4 * distance)
  return Array.from({ length: passes }, (_, pass) => {
    const stripes: Rows[] = []
    for (let row = firstRow - (pass % 2 === 0 ? 0 : height / 2); row < rows; row += height)
      stripes.push({ fromRow: Math.max(firstRow, row), toRow: Math.min(rows, row + height) })
    if (oneByOne) return stripes.map((stripe) => [stripe])
    return [0, 1].map((parity) => stripes.filter((_, i) => i % 2 === parity))
  }).flat()
}

/** Thread task: local search by ejection in some rows. Cells of other rows stay unchanged. */
export function improveRows(task: ImprovementTask): void {
  const { grid, distance, groups, shared, fromRow, toRow } = task
  const { columns, rows } = grid
  const [from, to] = [fromRow * columns, toRow * columns]
  const base = Math.max(0, fromRow - distance) * columns
  const held = Uint32Array.from(
    task.assignment.chosen.subarray(base, Math.min(rows, toRow + distance) * columns),
    (tile) => groups[tile]!,
  )
  const improve = ejection(
    { ...task, firstCell: task.firstRow * columns },
    {
      ...{ from, to, held, base, mostHolders },
      look(cell, see) {
        const x = cell % columns
        const y = (cell - x) / columns
        const right = Math.min(columns - 1, x + distance)
        const bottom = Math.min(rows - 1, y + distance)
        const left = Math.max(0, x - distance)
        for (let ny = Math.max(0, y - distance); ny <= bottom; ny++) {
          const line = ny * columns
          for (let i = line + left; i <= line + right; i++) if (i !== cell) see(i, held[i - base]!)
        }
      },
      mark(cell, seenBy, turn) {
        const x = cell % columns
        const y = (cell - x) / columns
        const right = Math.min(columns - 1, x + distance)
        const bottom = Math.min(rows - 1, y + distance)
        const left = Math.max(0, x - distance)
        for (let ny = Math.max(0, y - distance); ny <= bottom; ny++) {
          const line = ny * columns
          for (let i = line + left; i <= line + right; i++) {
            const group = held[i - base]!
            if (group !== none) seenBy[group] = turn
          }
        }
        return windowSize(distance)
      },
    },
  )
  for (let cell = to - 1; cell >= from; cell--) {
    improve(cell)
    if (cell % columns === 0) checkpoint(shared, columns)
  }
}

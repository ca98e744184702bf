import { availableParallelism } from 'node:os'
import { type AssignmentRules, assignCells, cellsToAssign, isAuctioned } from './assign-cells.ts'
import { emptyAssignment } from './assignment.ts'
import { comparePlan } from './compare-plan.ts'
import { fitsTable, makeDistanceTable } from './distance-table.ts'
import { type Fidelity, joinFidelity, layoutOf } from './fidelity.ts'
import { gridFor, linesOf, smallestLibrary } from './grid.ts'
import type { Rows } from './improvement.ts'
import { loadKernel } from './kernel.ts'
import { layCells } from './lay-cells.ts'
import type { Mask } from './mask.ts'
import type { Ways } from './matching-vectors.ts'
import { type MosaicOptions, mosaicOptions, mostUses, parseOptions } from './options.ts'
import { overlaid } from './overlay.ts'
import type { PictureLimits } from './picture.ts'
import { PictureError } from './picture-error.ts'
import { readPixels } from './pixels.ts'
import { sufficientLibrary } from './place-pattern.ts'
import { areaOf, isPlaced, type Places } from './places.ts'
import type { MosaicPlan } from './plan.ts'
import { numberGroups, planOf, scoreOf } from './plan-cells.ts'
import { ranges } from './ranges.ts'
import { cellLength, makeSearchSpace } from './search-space.ts'
import { runOnThreads, startThreads } from './threads.ts'
import { featureLength, type TileSet } from './tile-set.ts'
import { tileVariants } from './tile-variants.ts'
import { toneLength } from './tone.ts'
import { toneTiles } from './tone-tiles.ts'

/**
 * Nearest tiles kept per cell: as many as earlier cells can forbid, plus one. With larger distances 256
 * usually suffice; the few cells for which they do not search all tiles. Auctions grow lists that run out.
 */
const nearestKept = ({ distance, most, grid }: AssignmentRules) => {
  const before = grid.places ? 4 * distance * (distance + 1) : 2 * distance * (distance + 1)
  return Math.max(most === undefined ? 1 : 128, Math.min(256, before + 1))
}
/** Cells a thread searches at a time; fewer for a small mosaic, so that all threads get some. */
const cellsPerTask = (cells: number) => Math.min(2048, Math.max(128, Math.ceil(cells / 16)))

/** For tasks that share much memory, which threads should release soon: two per thread. */
const cellsPerLargeTask = (cells: number, threads = availableParallelism()) =>
  Math.max(32, Math.ceil(cells / threads / 2))

export interface PlanInput {
  /** A picture file. */
  target: Uint8Array
  /** Where cells are allowed. Absent: everywhere. */
  mask?: Mask | undefined
  tiles: TileSet
  options?: Partial<MosaicOptions>
  limits?: PictureLimits
  /** In cells, each counted once per stage: searched, assigned, improved. */
  onProgress?: (done: number, total: number) => void
  signal?: AbortSignal
  /**
   * Approximate bytes that matching may use at a time. Default 100 MB, about 130,000 cells at a distance of
   * 5. With less, the mosaic is planned in more blocks, each of which only sees those above it.
   */
  memory?: number
  /** Default: the machine's parallelism. The plan does not depend on it. */
  threads?: number
}

/**
 * Decides which tile goes where.
 *
 * @throws PictureError for an unusable picture, `invalid_option`, `output_too_large`, `library_too_small`,
 * `library_too_large`, `mask_unusable`; `signal.reason` within 2 s of an abort
 */
export async function planMosaic(input: PlanInput): Promise<MosaicPlan> {
  const { tiles, signal, threads } = input
  const options = parseOptions(mosaicOptions, input.options ?? {})
  const run = { signal, threads }
  startThreads('matching', run)
  const [target, kernel] = await Promise.all([readPixels(input.target, input.limits), loadKernel()])
  const plain = gridFor(target.width, target.height, options)
  const { mask, limits } = input
  const grid = await layCells({ grid: plain, options, target, bytes: input.target, mask, limits }, run)
  const lines = linesOf(grid)
  const variants = await tileVariants(tiles, options.flips, grid, run)
  const { features, ways } = variants
  const [index] = await runOnThreads('indexTiles', [{ features, ways }], run)
  const { groups, groupCount } = numberGroups(variants.groups)
  const most = mostUses(options)
  const rules = { grid, distance: options.distance, most, least: options.least as 0 | 1, groups, groupCount }
  refuseSmallLibrary(tiles, rules)
  refuseLargeLibrary(rules)

  const total = lines.columns * lines.rows
  const blocks = cutIntoBlocks(rules, ways, input.memory ?? matchingMemory)
  const steps = total + sum(blocks.map((block) => cellsToAssign(rules, block)))
  const largest = Math.max(...blocks.map(({ fromRow, toRow }) => toRow - fromRow)) * lines.columns
  const space = makeSearchSpace(index!, groups, largest, nearestKept(rules))
  const cells = new Float32Array(new SharedArrayBuffer(largest * featureLength * 4))
  const assignment = emptyAssignment(total)
  const { chosen } = assignment
  const scores = new Float32Array(total)
  const tones =
    options.tone === 'off' ? undefined : new Int16Array(new SharedArrayBuffer(total * toneLength * 2))
  const measured: { fidelity: Fidelity; cells: number }[] = []
  let gap: number | undefined
  let done = 0

  /** False when the greedy choice runs out of tiles. */
  const planBlock = async ({ fromRow, toRow }: Rows, byPattern: boolean): Promise<boolean> => {
    const [from, to] = [fromRow * lines.columns, toRow * lines.columns]
    const cellCount = to - from
    const own = { ...space, cellCount }
    const perTask = cellsPerTask(cellCount)
    const report = (before: number) => (now: number) => input.onProgress?.(before + now, steps)
    await runOnThreads(
      'describeTarget',
      ranges(toRow - fromRow, Math.max(1, Math.round(perTask / lines.columns))).map(([first, end]) => ({
        ...{ ...target, grid, features: cells, space: own },
        ...{ firstRow: fromRow, fromRow: fromRow + first, toRow: fromRow + end },
      })),
      run,
    )
    const table = isAuctioned(rules) && fitsTable(own) ? makeDistanceTable(own) : undefined
    const searching = { ...run, onProgress: report(done) }
    if (table)
      await runOnThreads(
        'measureDistances',
        ranges(cellCount, cellsPerLargeTask(cellCount, threads)).map(([first, end]) => ({
          ...{ kernel, space: own, table, groups, groupCount, from: first, to: end },
        })),
        searching,
      )
    else
      await runOnThreads(
        'nearestTiles',
        ranges(cellCount, perTask).map(([first, end]) => ({ kernel, space: own, from: first, to: end })),
        searching,
      )
    done += cellCount
    const block = { space: own, table, assignment, byPattern, fromRow, toRow }
    const assigned = await assignCells(kernel, block, rules, run, report(done))
    if (!assigned) return false
    done += cellsToAssign(rules, block)
    gap = assigned.gap
    const here = chosen.subarray(from, to)
    const described = cells.subarray(0, cellCount * featureLength)
    const toned =
      options.tone === 'off'
        ? undefined
        : await toneTiles(options.tone, tiles, variants, described, here, run)
    if (toned) tones!.set(toned.tones, from * toneLength)
    /* What each cell shows: the tile as it is, or the description of its toned version. */
    const standing = toned ? { tiles: toned.toned, chosen: toned.own } : { tiles: features, chosen: here }
    const shown = options.cheat > 0 ? overlaid(described, standing, options.cheat) : standing
    const comparing = comparePlan({ cells: described, ...shown, ...layoutOf(grid, from, to) }, run)
    shown.chosen.forEach((tile, cell) => {
      scores[from + cell] = scoreOf(described, cell, shown.tiles, tile)
    })
    measured.push({
      fidelity: await comparing,
      cells: grid.places ? areaOf(grid.places.subarray(from * 3, to * 3) as Places) : cellCount,
    })
    return true
  }

  const planAll = async (byPattern: boolean): Promise<boolean> => {
    done = 0
    measured.length = 0
    for (const block of blocks) if (!(await planBlock(block, byPattern))) return false
    return true
  }
  if (!(await planAll(false))) await planAll(true)

  return {
    options,
    target: { width: target.width, height: target.height },
    grid,
    ...planOf(tiles, variants, chosen),
    scores,
    fidelity: joinFidelity(measured),
    ...(gap !== undefined && { gap }),
    ...(tones && { tones }),
  }
}

const matchingMemory = 100 * 2 ** 20

/**
 * Blocks of rows that are planned one after the other, so that memory does not grow with the number of cells:
 * a million take as much as 130,000. Rules for the mosaic as a whole need all of its cells at once.
 */
function cutIntoBlocks(rules: AssignmentRules, ways: Ways, memory: number): Rows[] {
  const { rows, columns } = linesOf(rules.grid)
  const bytesPerCell = nearestKept(rules) * 8 + featureLength * 4 + cellLength(ways) * 2
  const wanted =
    rules.most === undefined && !rules.least ? Math.ceil((rows * columns * bytesPerCell) / memory) : 1
  const height = Math.ceil(rows / wanted)
  return ranges(rows, height).map(([fromRow, toRow]) => ({ fromRow, toRow }))
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)

function refuseLargeLibrary({ grid, least, groupCount }: AssignmentRules): void {
  const { columns, rows } = linesOf(grid)
  const cells = columns * rows
  if (!least || groupCount <= cells) return
  throw new PictureError(
    'library_too_large',
    `Expected at most ${cells} different tiles, one for each cell, because each has to be used, but received ` +
      `${groupCount}: choose smaller cells or a larger scale, or do not require every tile.`,
  )
}

function refuseSmallLibrary(tiles: TileSet, { grid, distance, most, groupCount }: AssignmentRules): void {
  const needed = isPlaced(grid)
    ? sufficientLibrary(grid, distance, most)
    : smallestLibrary(grid, distance, most)
  if (groupCount >= needed) return
  const because = [
    ...(most === undefined ? [] : [most === 1 ? 'each is used once' : `each is used at most ${most} times`]),
    ...(most === 1 ? [] : [`equal ones keep more than ${distance} cells apart`]),
  ].join(' and ')
  throw new PictureError(
    'library_too_small',
    `Expected at least ${needed} different tiles, because ${because}, but received ${groupCount}` +
      `${groupCount < tiles.count ? ` (${tiles.count} with near-duplicates)` : ''}: add tiles or choose ` +
      `${most === undefined ? 'a smaller distance' : 'larger cells'}.`,
  )
}

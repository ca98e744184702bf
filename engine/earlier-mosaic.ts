/** What a mosaic shares with an earlier one: where no cell has changed, its pictures are copied. */
import { type FileHandle, open } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { type Entry, openPromise } from 'yauzl'
import { cellHeight } from './grid.ts'
import { isPlaced, ownersOf, type Places } from './places.ts'
import type { MosaicPlan } from './plan.ts'
import type { Region } from './region.ts'
import { toneLength } from './tone.ts'

export interface EarlierMosaic {
  plan: MosaicPlan
  /** Files that `composeMosaic` made of the plan. Those of another format, size or quality are ignored. */
  large?: string
  /** The archive, or an object that has its contents. */
  pyramid?: string | EarlierPyramid
}

/** Returns whether a region shows a changed cell; undefined when the mosaics have nothing in common. */
export function changesSince(
  earlier: MosaicPlan,
  plan: MosaicPlan,
): ((region: Region) => boolean) | undefined {
  const { columns, rows, cell: width, places } = plan.grid
  const height = cellHeight(plan.grid)
  const isSameGrid =
    earlier.grid.columns === columns &&
    earlier.grid.rows === rows &&
    earlier.grid.cell === width &&
    cellHeight(earlier.grid) === height &&
    earlier.grid.layout === plan.grid.layout &&
    earlier.options.background === plan.options.background &&
    arePlacesEqual(earlier.grid.places, places)
  if (!isSameGrid) return undefined
  const isHexagonal = plan.grid.layout === 'hexagons'
  const pitch = isHexagonal ? (height * 3) / 4 : height
  const before = looksOf(earlier)
  const now = looksOf(plan)
  /* Summed-area table of changed cells: the count in any rectangle takes four look-ups. */
  const owners = isPlaced(plan.grid) ? ownersOf(plan.grid) : undefined
  const counts = new Uint32Array((columns + 1) * (rows + 1))
  for (let y = 0, i = 0; y < rows; y++)
    for (let x = 0; x < columns; x++, i++) {
      const cell = owners ? owners[i]! : i
      const at = (y + 1) * (columns + 1) + x + 1
      const above = at - columns - 1
      const changed = cell < 0 || before(cell) === now(cell) ? 0 : 1
      counts[at] = counts[at - 1]! + counts[above]! - counts[above - 1]! + changed
    }
  return ({ halvings, left, top, width: across, height: down }) => {
    const factor = 2 ** halvings
    /* Hexagons extend into the rows above and below and half a cell sideways. */
    const around = isHexagonal ? 2 : 0
    const x0 = Math.max(0, Math.floor((left * factor) / width) - around)
    const y0 = Math.max(0, Math.floor((top * factor) / pitch) - around)
    const x1 = Math.min(columns, Math.ceil(((left + across) * factor) / width) + around)
    const y1 = Math.min(rows, Math.ceil(((top + down) * factor) / pitch) + around)
    const count = (x: number, y: number) => counts[y * (columns + 1) + x]!
    return count(x1, y1) - count(x0, y1) - count(x1, y0) + count(x0, y0) > 0
  }
}

const arePlacesEqual = (one: Places | undefined, other: Places | undefined): boolean =>
  one?.length === other?.length && (one?.every((value, i) => value === other![i]) ?? true)

/** A key for what a cell shows. */
function looksOf({ tiles, cells, tones }: MosaicPlan): (cell: number) => string {
  const names = tiles.map(({ id, orientation = 0 }) => `${id} ${orientation}`)
  if (!tones) return (cell) => names[cells[cell]!]!
  return (cell) =>
    `${names[cells[cell]!]} ${tones.subarray(cell * toneLength, (cell + 1) * toneLength).join(' ')}`
}

/** Bands of a JPEG that this engine wrote, as stored in the file. */
export interface EarlierBands {
  band(index: number): Promise<Buffer>
  [Symbol.asyncDispose](): Promise<void>
}

/** @returns undefined for a file that does not begin with `header` or has another number of bands */
export async function openEarlierBands(
  path: string,
  header: Buffer,
  count: number,
): Promise<EarlierBands | undefined> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!file) return undefined
  const ends = await bandEnds(file, header)
  if (ends?.length !== count) {
    await file.close()
    return undefined
  }
  return {
    async band(index) {
      const start = index === 0 ? 0 : ends[index - 1]!
      const bytes = Buffer.alloc(ends[index]! - start)
      await file.read(bytes, 0, bytes.length, start)
      return bytes
    },
    [Symbol.asyncDispose]: () => file.close(),
  }
}

/**
 * End of each band, after its marker: in entropy-coded data 0xff is followed by 0 or is a marker (T.81,
 * B.1.1.5).
 */
async function bandEnds(file: FileHandle, header: Buffer): Promise<number[] | undefined> {
  const start = Buffer.alloc(header.length)
  await file.read(start, 0, start.length, 0)
  if (!start.equals(header)) return undefined
  const ends: number[] = []
  const chunk = Buffer.alloc(2 ** 20)
  for (let at = header.length; ; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at)
    if (bytesRead < 2) return ends
    for (let i = chunk.indexOf(0xff); i >= 0 && i + 1 < bytesRead; i = chunk.indexOf(0xff, i + 1)) {
      const kind = chunk[i + 1]!
      if ((kind >= 0xd0 && kind <= 0xd7) || kind === 0xd9) ends.push(at + i + 2)
    }
    /* Overlaps by a byte: a marker may span two chunks. */
    at += bytesRead - 1
  }
}

/** Files of an earlier pyramid by name. */
export interface EarlierPyramid {
  read(name: string): Promise<Buffer | undefined>
  close(): void
}

/** @returns undefined when there is no such archive */
export async function openEarlierPyramid(path: string): Promise<EarlierPyramid | undefined> {
  const archive = await openPromise(path, { lazyEntries: true, autoClose: false }).catch(() => undefined)
  if (!archive) return undefined
  const entries = new Map<string, Entry>()
  for await (const entry of archive.eachEntry()) entries.set(entry.fileName, entry)
  return {
    async read(name) {
      const entry = entries.get(name)
      if (!entry) return undefined
      return await buffer(await archive.openReadStreamPromise(entry))
    },
    close: () => archive.close(),
  }
}

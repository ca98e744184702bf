import { readFile, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import {
  cellCount,
  closeThreads,
  composeMosaic,
  encodePlan,
  type Mask,
  planMosaic,
  readTileFolder,
  tilesInUse,
} from '../../engine/index.ts'
import { asSentence, folderBeside, formatByName, move, putWhole, refuseFile } from '../mosaic-files.ts'
import { number } from '../option-values.ts'
import { Refusal } from '../refusal.ts'
import { StageProgress } from '../stage-progress.ts'
import { awaitStopRequest } from '../stop-request.ts'
import { tileIndexFolder } from '../tile-index-folder.ts'

/** From this many cells on, worker threads are stopped between planning and composing, since planning leaves 80 MB in them. */
const manyCells = 100_000

/** People's own pictures may be larger than those of strangers: a scan, a panorama. */
const limits = { bytes: 2 ** 30, pixels: 268e6 }

interface MosaicFlags {
  tiles: string
  out: string
  cell?: number
  width?: number
  height?: number
  /** A folder; true: the default one; false: none. */
  index: string | boolean
  scale: number
  distance: number
  most?: number
  everyTile?: boolean
  cheat: number
  layout: 'grid' | 'hexagons' | 'quadtree'
  detail?: number
  mask?: string
  background?: string
  search: 'local' | 'global'
  flips: 'off' | 'mirror' | 'both' | 'all'
  tone: 'off' | 'bounded' | 'full'
  quality: number
  plan?: string
  pyramid?: string
  threads?: number
  json?: boolean
}

export const mosaicCommand = new Command('mosaic')
  .description('make a mosaic from a picture and a folder of tiles, without a server')
  .argument('<target>', 'the picture to make a mosaic from')
  .requiredOption('--tiles <folder>', 'the photos to use as tiles, including those in subfolders')
  .requiredOption('--out <file>', 'where to write the mosaic: .jpg, .png, .webp, .avif or .tiff')
  .option('--cell <pixels>', 'width and height of a tile in the mosaic (default: 32)', number)
  .option('--width <pixels>', 'width of a tile, as in metapixel: same as --cell', number)
  .option('--height <pixels>', 'height of a tile, if it is not square', number)
  .addOption(
    new Option(
      '--layout <how>',
      'shape of the cells; a quadtree has small ones where there is detail and large ones elsewhere',
    )
      .choices(['grid', 'hexagons', 'quadtree'])
      .default('grid'),
  )
  .option('--detail <percent>', 'quadtree: 0 for large tiles, 100 for small ones (default: 25)', number)
  .option(
    '--mask <file>',
    "where there are tiles: a picture that is light there, or alpha for the target's own transparency",
  )
  .option(
    '--background <colour>',
    'colour where the mask leaves no tiles, #rrggbb (default: transparent, white in JPEG)',
  )
  .option('--scale <factor>', 'size of the mosaic relative to the target', number, 10)
  .option('--distance <cells>', 'number of cells within which no tile is repeated; 0: no limit', number, 5)
  .option('--most <times>', 'how often a tile may be used', number)
  .option('--every-tile', 'use every tile at least once')
  .addOption(
    new Option('--search <how>', 'global uses each tile once, or --most times, with the least total error')
      .choices(['local', 'global'])
      .default('local'),
  )
  .addOption(
    new Option('--flips <which>', 'show tiles mirrored too, both ways, or in all eight orientations')
      .choices(['off', 'mirror', 'both', 'all'])
      .default('off'),
  )
  .addOption(
    new Option('--tone <how>', "whether tiles take on their cells' colours: bounded keeps each recognisable")
      .choices(['off', 'bounded', 'full'])
      .default('off'),
  )
  .option('--cheat <percent>', 'blend this much of the picture over the mosaic', number, 0)
  .option('--index <folder>', 'where to keep the index of the photos (default: in your cache folder)')
  .option('--no-index', 'read all photos again and keep no index')
  .option('--quality <1..100>', 'of JPEG, WebP and AVIF', number, 85)
  .option('--plan <file>', 'also write which tile is where, and its source, as JSON')
  .option('--pyramid <file>', 'also write a Deep Zoom pyramid, as ZIP')
  .option('--threads <count>', 'number of threads (default: all cores)', number)
  .option('--json', 'print one line of JSON')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme mosaic me.jpg --tiles ~/Pictures --out mosaic.jpg
  mosaicme mosaic me.jpg --tiles ~/Pictures --out mosaic.jpg --cell 48 --scale 6 --distance 8 --plan plan.json
  mosaicme mosaic me.jpg --tiles ~/Pictures --out mosaic.jpg --cell 16 --layout quadtree
  mosaicme mosaic me.png --tiles ~/Pictures --out mosaic.png --mask alpha
  mosaicme mosaic me.jpg --tiles ~/Pictures --out mosaic.jpg --json | jq .fidelity
`,
  )
  .action(async (target: string, flags: MosaicFlags) => {
    const stop = awaitStopRequest(() => process.exit(130))
    const started = performance.now()
    try {
      const made = await makeMosaic(target, flags, stop.signal)
      const seconds = Math.round((performance.now() - started) / 100) / 10
      console.log(flags.json ? JSON.stringify({ ...made, seconds }) : `${describe(made)} in ${seconds} s.`)
    } catch (error) {
      throw stop.signal.aborted ? error : asSentence(error, flags.out)
    } finally {
      stop.dispose()
      await closeThreads()
    }
  })

type Made = Awaited<ReturnType<typeof makeMosaic>>

async function makeMosaic(targetPath: string, flags: MosaicFlags, signal: AbortSignal) {
  const format = formatByName(flags.out)
  const target = await readFile(targetPath).catch((cause) => refuseFile('target', targetPath, cause))
  const mask = flags.mask === undefined ? undefined : await readMask(flags.mask)
  const out = resolve(flags.out)
  const directory = await folderBeside(out)
  const progress = new StageProgress(flags.json !== true && process.stderr.isTTY)
  try {
    const index = await tileIndexFolder(flags)
    const folder = await readTileFolder(flags.tiles, {
      ...(index && { index }),
      limits,
      signal,
      onProgress: progress.stage('reading tiles'),
    }).catch((cause) => refuseFile('--tiles', flags.tiles, cause))
    const { tiles, skipped } = folder
    const { layout, scale, distance, most, search, flips, tone, cheat, quality, detail, background } = flags
    const threads = flags.threads === undefined ? {} : { threads: flags.threads }
    const plan = await planMosaic({
      target,
      ...(mask !== undefined && { mask }),
      tiles,
      options: {
        ...cellOf(flags),
        ...{ layout, scale, distance, format, search, flips, tone, cheat },
        least: flags.everyTile ? 1 : 0,
        ...(most !== undefined && { most }),
        ...(detail !== undefined && { detail }),
        ...(background !== undefined && { background }),
      },
      limits,
      signal,
      onProgress: progress.stage('matching'),
      ...threads,
    })
    if (cellCount(plan.grid) > manyCells) await closeThreads()
    const { large, pyramid } = await composeMosaic({
      plan,
      tiles,
      directory,
      target: { bytes: target, limits },
      quality,
      pyramid: flags.pyramid !== undefined,
      signal,
      onProgress: progress.stage('composing'),
      ...threads,
    })
    if (flags.plan) await putWhole(encodePlan(plan), resolve(flags.plan), directory)
    if (flags.pyramid) await move(pyramid.path, resolve(flags.pyramid))
    await move(large.path, out)
    progress.end()
    const { places: _, columns, rows, cell, ...shape } = plan.grid
    if (!flags.json) for (const { name, message } of skipped) console.error(`Left out ${name}: ${message}`)
    return {
      large: { ...large, path: out },
      ...(flags.plan && { plan: resolve(flags.plan) }),
      ...(flags.pyramid && { pyramid: resolve(flags.pyramid) }),
      grid: { columns, rows, cell, ...shape, cells: cellCount(plan.grid) },
      fidelity: plan.fidelity,
      ...(plan.gap !== undefined && { gap: plan.gap }),
      tiles: {
        count: tiles.count,
        read: folder.read,
        used: tilesInUse(plan),
        duplicates: folder.duplicates,
        skipped,
      },
    }
  } finally {
    progress.end()
    await rm(directory, { recursive: true, force: true })
  }
}

const readMask = async (mask: string): Promise<Mask> =>
  mask === 'alpha' ? mask : await readFile(mask).catch((cause) => refuseFile('--mask', mask, cause))

/** metapixel takes a width and a height; `--cell` sets both. */
function cellOf({ cell, width, height, layout, detail }: MosaicFlags): { cell: number; cellHeight?: number } {
  const across = width ?? cell ?? 32
  if (cell !== undefined && width !== undefined && cell !== width)
    throw new Refusal(
      'invalid_option',
      `Expected one width of a tile but received ${cell} for --cell and ${width} for --width.`,
    )
  if (detail !== undefined && layout !== 'quadtree')
    throw new Refusal('invalid_option', 'Expected --detail with --layout quadtree only.')
  if (layout === 'hexagons' && height !== undefined)
    throw new Refusal('invalid_option', 'Expected no --height for hexagons: their width determines it.')
  return { cell: across, ...(height !== undefined && height !== across && { cellHeight: height }) }
}

function describe({ large, grid, fidelity, tiles }: Made): string {
  return (
    `${large.path}: ${large.width} x ${large.height} pixels, ${cellsOf(grid)} cells of ${tiles.used} ` +
    `distinct tiles (of ${tiles.count}), OKLab difference ${fidelity.k1} at one sample a cell and ${fidelity.k4} at 4 x 4,`
  )
}

/** Only their number, if some are missing or they differ in size. */
const cellsOf = ({ columns, rows, cells }: Made['grid']) =>
  cells === columns * rows ? `${columns} x ${rows}` : cells.toLocaleString('en')

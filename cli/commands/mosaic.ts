import { createHash } from 'node:crypto'
import {
  access,
  constants,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { Presets, SingleBar } from 'cli-progress'
import { Command, InvalidArgumentError, Option } from 'commander'
import {
  closeThreads,
  composeMosaic,
  encodePlan,
  type LargeFormat,
  planMosaic,
  readTileFolder,
  tilesInUse,
} from '../../engine/index.ts'
import { Refusal } from '../refusal.ts'
import { awaitStopRequest } from '../stop-request.ts'

/** One's own pictures may be larger than strangers': a scan, a panorama. */
const limits = { bytes: 2 ** 30, pixels: 268e6 }

interface MosaicFlags {
  tiles: string
  out: string
  cell?: number
  width?: number
  height?: number
  /** A folder; true: the usual one; false: none. */
  index: string | boolean
  scale: number
  distance: number
  most?: number
  search: 'local' | 'global'
  flips: 'off' | 'mirror' | 'all'
  tone: 'off' | 'bounded' | 'full'
  quality: number
  plan?: string
  pyramid?: string
  threads?: number
  json?: boolean
}

const number = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Expected a number.')
  return value
}

export const mosaicCommand = new Command('mosaic')
  .description('make a mosaic from a picture and a folder of tiles, without any server')
  .argument('<target>', 'the picture to make a mosaic of')
  .requiredOption('--tiles <folder>', 'photos to make it from; subfolders count')
  .requiredOption('--out <file>', 'where the mosaic goes: .jpg, .png, .webp, .avif or .tiff')
  .option('--cell <pixels>', 'width and height of a tile in the mosaic (default: 32)', number)
  .option('--width <pixels>', 'the same, by the name that metapixel has for it', number)
  .option('--height <pixels>', 'the same: tiles are squares', number)
  .option('--scale <factor>', "the mosaic's size over the target's", number, 10)
  .option('--distance <cells>', 'cells within which no tile comes twice, 0 for no rule', number, 5)
  .option('--most <times>', 'how often a tile may be used', number)
  .addOption(
    new Option('--search <how>', 'global uses each tile once, or --most times, with the least total error')
      .choices(['local', 'global'])
      .default('local'),
  )
  .addOption(
    new Option('--flips <which>', 'show tiles mirrored too, or in all eight orientations')
      .choices(['off', 'mirror', 'all'])
      .default('off'),
  )
  .addOption(
    new Option('--tone <how>', "whether tiles take on their cells' colours: bounded keeps each recognisable")
      .choices(['off', 'bounded', 'full'])
      .default('off'),
  )
  .option('--index <folder>', 'where what is known of the photos is kept (default: in your cache folder)')
  .option('--no-index', 'read all photos anew and keep nothing')
  .option('--quality <1..100>', 'of JPEG, WebP and AVIF', number, 85)
  .option('--plan <file>', 'also write which tile is where, and whose it is, as JSON')
  .option('--pyramid <file>', 'also write a Deep Zoom pyramid, as ZIP')
  .option('--threads <count>', 'threads to compute on (default: all cores)', number)
  .option('--json', 'answer with one line of JSON')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme mosaic me.jpg --tiles ~/Pictures --out mosaic.jpg
  mosaicme mosaic me.jpg --tiles ~/Pictures --out mosaic.jpg --cell 48 --scale 6 --distance 8 --plan plan.json
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
      throw stop.signal.aborted ? error : asSentence(error, flags)
    } finally {
      stop.dispose()
      await closeThreads()
    }
  })

type Made = Awaited<ReturnType<typeof makeMosaic>>

async function makeMosaic(targetPath: string, flags: MosaicFlags, signal: AbortSignal) {
  const format = formatOf[extname(flags.out).toLowerCase()]
  if (!format)
    throw new Refusal(
      'invalid_option',
      `Expected --out to end in ${Object.keys(formatOf).join(', ')} but received ${flags.out}.`,
    )
  const target = await readFile(targetPath).catch((cause) => refuseFile('target', targetPath, cause))
  const out = resolve(flags.out)
  /* Beside the result, so that moving it there is one step of the file system: it is whole or not there. */
  const directory = await mkdtemp(join(dirname(out), '.mosaicme-')).catch((cause) =>
    refuseFile('--out', out, cause),
  )
  const progress = new Progress(flags.json !== true && process.stderr.isTTY)
  try {
    const index = await indexFolder(flags)
    const folder = await readTileFolder(flags.tiles, {
      ...(index && { index }),
      limits,
      signal,
      onProgress: progress.stage('reading tiles'),
    }).catch((cause) => refuseFile('--tiles', flags.tiles, cause))
    const { tiles, skipped } = folder
    const cell = cellOf(flags)
    const { scale, distance, most, search, flips, tone, quality } = flags
    const threads = flags.threads === undefined ? {} : { threads: flags.threads }
    const plan = await planMosaic({
      target,
      tiles,
      options: { cell, scale, distance, format, search, flips, tone, ...(most !== undefined && { most }) },
      limits,
      signal,
      onProgress: progress.stage('matching'),
      ...threads,
    })
    const { large, pyramid } = await composeMosaic({
      plan,
      tiles,
      directory,
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
    if (!flags.json) for (const { name, message } of skipped) console.error(`Left out ${name}: ${message}`)
    return {
      large: { ...large, path: out },
      ...(flags.plan && { plan: resolve(flags.plan) }),
      ...(flags.pyramid && { pyramid: resolve(flags.pyramid) }),
      grid: plan.grid,
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

/** metapixel asks for a width and a height. */
function cellOf({ cell, width, height }: MosaicFlags): number {
  const sides = new Set([cell, width, height].filter((side) => side !== undefined))
  if (sides.size > 1)
    throw new Refusal(
      'invalid_option',
      `Expected tiles to be squares but received ${[...sides].join(' and ')} for --cell, --width and --height.`,
    )
  return [...sides][0] ?? 32
}

/** The folder of the index, which is there; undefined when none is wanted, or the usual place cannot be written to. */
async function indexFolder({ index, tiles }: MosaicFlags): Promise<string | undefined> {
  if (index === false) return undefined
  if (typeof index === 'string') {
    await mkdir(index, { recursive: true }).catch((cause) => refuseFile('--index', index, cause))
    return index
  }
  const name = createHash('sha256')
    .update(await realpath(tiles).catch(() => resolve(tiles)))
    .digest('hex')
  const usual = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mosaicme', name.slice(0, 32))
  try {
    await mkdir(usual, { recursive: true })
    await access(usual, constants.W_OK)
    return usual
  } catch {
    return undefined
  }
}

function describe({ large, grid, fidelity, tiles }: Made): string {
  return (
    `${large.path}: ${large.width} x ${large.height} pixels, ${grid.columns} x ${grid.rows} cells of ${tiles.used} ` +
    `different tiles (of ${tiles.count}), OKLab difference ${fidelity.k1} at one sample a cell and ${fidelity.k4} at 4 x 4,`
  )
}

async function putWhole(bytes: Uint8Array, path: string, directory: string): Promise<void> {
  const draft = join(directory, basename(path))
  await writeFile(draft, bytes)
  await move(draft, path)
}

/** Across file systems a copy beside the final place is renamed. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    const draft = `${to}.part`
    await copyFile(from, draft)
    await rename(draft, to)
  }
}

/** A bar per stage on a terminal, nothing elsewhere. */
class Progress {
  readonly #shown: boolean
  #bar: SingleBar | undefined
  constructor(shown: boolean) {
    this.#shown = shown
  }

  stage(name: string): (done: number, total: number) => void {
    if (!this.#shown) return () => {}
    let bar: SingleBar | undefined
    return (done, total) => {
      if (!bar) {
        this.end()
        const format = `${name.padEnd(13)} {bar} {percentage}% | {value}/{total} | {eta_formatted} left`
        bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true }, Presets.shades_classic)
        bar.start(total, done)
        this.#bar = bar
      }
      bar.update(done)
    }
  }

  end(): void {
    this.#bar?.stop()
    this.#bar = undefined
  }
}

const formatOf: Record<string, LargeFormat> = {
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.png': 'png',
  '.webp': 'webp',
  '.avif': 'avif',
  '.tif': 'tiff',
  '.tiff': 'tiff',
}

const reasons: Record<string, string> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it is not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the device',
}

function refuseFile(what: string, path: string, cause: unknown): never {
  const { code } = cause as NodeJS.ErrnoException
  if (code === undefined || !(code in reasons)) throw cause
  const place = what === '--out' && code === 'ENOENT' ? dirname(path) : path
  throw new Refusal('file_unusable', `Cannot use ${place} for ${what}: ${reasons[code]}.`, { cause })
}

function asSentence(error: unknown, { out }: MosaicFlags): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code === undefined || syscall === undefined) return error
  return new Refusal(
    'cannot_write',
    `Could not write ${out}: ${reasons[code] ?? (error as Error).message}.`,
    {
      cause: error,
    },
  )
}

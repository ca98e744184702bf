import { readFile, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import type { Job } from '../../api/client.ts'
import {
  type CellPlace,
  closeThreads,
  composeMosaic,
  decodePlan,
  editPlan,
  encodePlan,
  type PlanEdits,
  readTileFolder,
} from '../../engine/index.ts'
import { describe } from '../job-report.ts'
import { asSentence, folderBeside, formatByName, move, putWhole, refuseFile } from '../mosaic-files.ts'
import { number } from '../option-values.ts'
import { Refusal } from '../refusal.ts'
import { apiKeyOption, call, type Remote, urlOption } from '../remote-jobs.ts'
import { StageProgress } from '../stage-progress.ts'
import { awaitStopRequest } from '../stop-request.ts'
import { tileIndexFolder } from '../tile-index-folder.ts'
import { watchJob } from './watch.ts'

/** People's own pictures may be larger than those of strangers. */
const limits = { bytes: 2 ** 30, pixels: 268e6 }

interface EditFlags {
  tiles?: string
  out?: string
  job?: string
  url: string
  apiKey?: string
  wait?: boolean
  idempotencyKey?: string
  target?: string
  earlier?: string
  pin: (CellPlace & { tile: string })[]
  ban: string[]
  swap: [CellPlace, CellPlace][]
  replace: CellPlace[]
  plan?: string
  index: string | boolean
  quality: number
  threads?: number
  json?: boolean
}

const place = (text: string): CellPlace | undefined => {
  const [, x, y] = /^(\d{1,6}),(\d{1,6})$/.exec(text) ?? []
  return x === undefined ? undefined : { x: Number(x), y: Number(y) }
}

function pin(text: string, pins: EditFlags['pin']): EditFlags['pin'] {
  const [, cell = '', tile] = /^([^=]+)=(.+)$/.exec(text) ?? []
  const at = place(cell)
  if (!at || !tile)
    throw new InvalidArgumentError('Expected a column, a row and a tile, such as 12,7=sunset.jpg.')
  return [...pins, { ...at, tile }]
}

function swap(text: string, swaps: EditFlags['swap']): EditFlags['swap'] {
  const [one, other] = text.split(':').map(place)
  if (!one || !other) throw new InvalidArgumentError('Expected two cells, such as 12,7:30,9.')
  return [...swaps, [one, other]]
}

function replace(text: string, cells: EditFlags['replace']): EditFlags['replace'] {
  const at = place(text)
  if (!at) throw new InvalidArgumentError('Expected a column and a row, such as 12,7.')
  return [...cells, at]
}

export const editCommand = new Command('edit')
  .description('change single tiles of a mosaic, and render only what changes')
  .argument('[plan]', 'what `mosaicme mosaic --plan` wrote')
  .option('--job <id>', 'instead of a plan: a mosaic made by a running mosaicme')
  .option('--tiles <folder>', 'the photos; tiles that are missing from it are replaced')
  .option('--out <file>', 'where to write the mosaic: .jpg, .png, .webp, .avif or .tiff')
  .option('--target <file>', 'the original picture: needed to replace missing photos')
  .option('--pin <x,y=tile>', 'put this tile into this cell, counted from 0; can be repeated', pin, [])
  .option(
    '--ban <tile>',
    'use this tile nowhere; can be repeated',
    (tile, all: string[]) => [...all, tile],
    [],
  )
  .option('--swap <x,y:x,y>', 'swap the tiles of two cells; can be repeated', swap, [])
  .option('--replace <x,y>', 'use another tile in this cell; can be repeated', replace, [])
  .option('--earlier <file>', 'the JPEG made from the plan: unchanged areas are copied from it')
  .option('--plan <file>', 'where to write the new plan (default: overwrite the old one)')
  .option('--index <folder>', 'where to keep the index of the photos (default: in your cache folder)')
  .option('--no-index', 'read all photos again and keep no index')
  .option('--quality <1..100>', 'of JPEG, WebP and AVIF', number, 85)
  .option('--threads <count>', 'number of threads (default: all cores)', number)
  .option('--wait', '--job: follow the new job until it is finished')
  .option('--idempotency-key <key>', '--job: the same key within 24 hours gives the same job')
  .addOption(urlOption)
  .addOption(apiKeyOption)
  .option('--json', 'print one line of JSON')
  .addHelpText(
    'after',
    `
Name a tile by its file, as in the plan, or by its ID.

Examples:
  mosaicme edit plan.json --tiles ~/Pictures --out mosaic.jpg --earlier mosaic.jpg --ban holidays/exam.jpg
  mosaicme edit plan.json --tiles ~/Pictures --out new.jpg --pin 160,90=grandma.jpg --swap 0,0:5,3 --target me.jpg
  mosaicme edit --job mosaic-01kahm5v5c3k9z8v1m6n4q2r7t --ban holidays/exam.jpg --wait
`,
  )
  .action(async (plan: string | undefined, flags: EditFlags) => {
    if ((plan === undefined) === (flags.job === undefined))
      throw new Refusal('what_to_edit', 'Expected a plan or --job, and not both.')
    if (flags.job !== undefined) await editJob(flags.job, flags)
    else await editFiles(plan!, flags)
  })

/** Lets a running mosaicme make a new mosaic from one of its own. */
async function editJob(id: string, flags: EditFlags): Promise<void> {
  const { url, apiKey, pin, ban, swap, replace, wait = false, json = false, idempotencyKey } = flags
  const remote: Remote = { url, ...(apiKey !== undefined && { apiKey }) }
  const answer = await call(remote, `v1/jobs/${encodeURIComponent(id)}/edits`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
    },
    body: JSON.stringify({ pin, ban, swap, replace }),
  })
  const job = (await answer.json()) as Job
  if (wait) await watchJob(remote, job.id, json)
  else console.log(json ? JSON.stringify(job) : describe(job))
}

async function editFiles(plan: string, { tiles, out, ...flags }: EditFlags): Promise<void> {
  if (tiles === undefined || out === undefined)
    throw new Refusal('option_missing', 'Expected --tiles and --out with a plan.')
  const stop = awaitStopRequest(() => process.exit(130))
  try {
    const made = await edit(plan, { ...flags, tiles, out }, stop.signal)
    const sentence = `${made.large.path}: ${made.changed} of ${made.cells} cells changed.`
    console.log(flags.json ? JSON.stringify(made) : sentence)
  } catch (error) {
    throw stop.signal.aborted ? error : asSentence(error, out)
  } finally {
    stop.dispose()
    await closeThreads()
  }
}

async function edit(
  planPath: string,
  flags: EditFlags & { tiles: string; out: string },
  signal: AbortSignal,
) {
  const format = formatByName(flags.out)
  const read = (what: string, path: string) => readFile(path).catch((cause) => refuseFile(what, path, cause))
  const decoded = decodePlan(await read('the plan', planPath))
  const target = flags.target === undefined ? undefined : await read('--target', flags.target)
  const out = resolve(flags.out)
  const directory = await folderBeside(out)
  const progress = new StageProgress(flags.json !== true && process.stderr.isTTY)
  const threads = flags.threads === undefined ? {} : { threads: flags.threads }
  try {
    const index = await tileIndexFolder(flags)
    const { tiles } = await readTileFolder(flags.tiles, {
      ...(index && { index }),
      ...{ limits, signal, onProgress: progress.stage('reading tiles') },
    }).catch((cause) => refuseFile('--tiles', flags.tiles, cause))
    const { pin, ban, swap, replace } = flags
    const edits: PlanEdits = { pin, ban, swap, replace }
    const before = { ...decoded, options: { ...decoded.options, format } }
    const { plan, changed } = await editPlan({
      ...{ plan: before, tiles, edits, limits, signal, ...threads },
      ...(target && { target }),
    })
    const { large } = await composeMosaic({
      ...{ plan, tiles, directory, quality: flags.quality, pyramid: false, signal, ...threads },
      ...(target && { target: { bytes: target, limits } }),
      ...(flags.earlier !== undefined && { earlier: { plan: decoded, large: resolve(flags.earlier) } }),
      onProgress: progress.stage('composing'),
    })
    const newPlan = resolve(flags.plan ?? planPath)
    await putWhole(encodePlan(plan), newPlan, directory)
    await move(large.path, out)
    const { fidelity } = plan
    return {
      large: { ...large, path: out },
      plan: newPlan,
      cells: plan.cells.length,
      changed: changed.length,
      fidelity,
    }
  } finally {
    progress.end()
    await rm(directory, { recursive: true, force: true })
  }
}

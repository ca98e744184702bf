import { Command, Option } from 'commander'
import type { Job } from '../../api/client.ts'
import { describe } from '../job-report.ts'
import { number } from '../option-values.ts'
import { Refusal } from '../refusal.ts'
import { apiKeyOption, call, pictureInput, type Remote, urlOption } from '../remote-jobs.ts'
import { watchJob } from './watch.ts'

interface Options extends Remote {
  type: 'mosaic' | 'resize'
  wait?: boolean
  json?: boolean
  idempotencyKey?: string
  [parameter: string]: unknown
}

/** Parameters of each type of job. The API knows their ranges and defaults. */
const parametersOf = {
  mosaic: [
    ...[
      'library',
      'cell',
      'cellHeight',
      'layout',
      'detail',
      'mask',
      'background',
      'scale',
      'distance',
      'most',
      'least',
      'search',
      'flips',
      'tone',
    ],
    ...['cheat', 'pyramid', 'quality'],
  ],
  resize: ['width', 'height', 'fit', 'format', 'quality', 'withoutEnlargement'],
} as const

export const submitCommand = new Command('submit')
  .description('submit a picture to a running mosaicme, for a mosaic or a resize')
  .argument('<picture>', 'a file, or an http(s) URL')
  .addOption(new Option('--type <type>', 'what to make').choices(['mosaic', 'resize']).default('mosaic'))
  .option('--library <name>', 'mosaic: the tile library')
  .option('--cell <pixels>', "mosaic: a cell's side", number)
  .option('--cell-height <pixels>', "mosaic: a cell's height, if it is not square", number)
  .addOption(new Option('--layout <how>', 'mosaic: how cells lie').choices(['grid', 'hexagons', 'quadtree']))
  .option('--detail <percent>', 'mosaic: quadtree: 0 for large tiles, 100 for small ones', number)
  .option(
    '--mask <picture>',
    "mosaic: only where this file or URL is light, or alpha for the photo's own transparency",
  )
  .option('--background <colour>', 'mosaic: colour where the mask leaves no tiles, #rrggbb')
  .option('--scale <factor>', 'mosaic: its size relative to the photo', number)
  .option('--distance <cells>', 'mosaic: number of cells within which no tile is repeated', number)
  .option('--most <times>', 'mosaic: how often a tile may be used', number)
  .option('--least <times>', 'mosaic: 1 uses every tile at least once', number)
  .option('--cheat <percent>', 'mosaic: blend this much of the photo over it', number)
  .addOption(
    new Option(
      '--search <how>',
      'mosaic: global uses each tile once, or --most times, with the lowest total error',
    ).choices(['local', 'global']),
  )
  .addOption(
    new Option(
      '--flips <which>',
      'mosaic: show tiles mirrored too, both ways, or in all eight orientations',
    ).choices(['off', 'mirror', 'both', 'all']),
  )
  .addOption(
    new Option('--tone <how>', "mosaic: whether tiles take on their cells' colours").choices([
      'off',
      'bounded',
      'full',
    ]),
  )
  .addOption(
    new Option('--pyramid <kind>', 'mosaic: render deep-zoom tiles in advance, or on demand').choices([
      'stored',
      'virtual',
    ]),
  )
  .option('--width <pixels>', 'resize', number)
  .option('--height <pixels>', 'resize', number)
  .addOption(
    new Option('--fit <fit>', 'resize: when both sides are given').choices([
      'cover',
      'contain',
      'fill',
      'inside',
      'outside',
    ]),
  )
  .addOption(
    new Option('--format <format>', 'resize: of the result').choices([
      ...['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'],
    ]),
  )
  .option('--without-enlargement', 'resize: do not enlarge small pictures')
  .option('--quality <1..100>', 'of the result', number)
  .option('--idempotency-key <key>', 'the same key within 24 hours gives the same job')
  .option('--wait', 'follow the job until it is finished')
  .addOption(urlOption)
  .addOption(apiKeyOption)
  .option('--json', 'print the job as JSON')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme submit photo.jpg --wait
  mosaicme submit photo.jpg --type resize --width 640 --wait
  mosaicme submit https://example.org/photo.jpg --library holiday --cell 24 --json
`,
  )
  .action(async (picture: string, options: Options) => {
    const { type, wait = false, json = false, idempotencyKey, url, apiKey } = options
    const remote: Remote = { url, ...(apiKey !== undefined && { apiKey }) }
    refuseForeign(type, options)
    const parameters = parametersOf[type]
      .filter((name) => options[name] !== undefined)
      .map((name) => [name, options[name]])
    const { mask } = options
    const request = {
      type,
      input: await pictureInput(remote, picture),
      ...Object.fromEntries(parameters),
      ...(typeof mask === 'string' && { mask: mask === 'alpha' ? mask : await pictureInput(remote, mask) }),
    }
    const answer = await call(remote, 'v1/jobs', {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
      },
      body: JSON.stringify(request),
    })
    const job = (await answer.json()) as Job
    if (wait) await watchJob(remote, job.id, json)
    else console.log(json ? JSON.stringify(job) : describe(job))
  })

/** Rejects options of the other type, which would otherwise be ignored silently. */
function refuseForeign(type: Options['type'], options: Options): void {
  const other = type === 'mosaic' ? 'resize' : 'mosaic'
  const own: readonly string[] = parametersOf[type]
  const foreign = parametersOf[other].find((name) => options[name] !== undefined && !own.includes(name))
  if (foreign === undefined) return
  const flag = foreign.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new Refusal('wrong_type', `Expected --type ${other} with --${flag}: a ${type} does not take it.`)
}

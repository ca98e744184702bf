import { resolve } from 'node:path'
import { Presets, SingleBar } from 'cli-progress'
import { Command, InvalidArgumentError, Option } from 'commander'
import { fits, formats, gravities } from '../../engine/resize/options.ts'
import { number } from '../option-values.ts'
import { findPictureFiles } from '../picture-files.ts'
import { Refusal } from '../refusal.ts'
import { apiKeyOption, type Remote, urlOption } from '../remote-jobs.ts'
import { type OnProgress, type Outcome, resizeLocally, resizeRemotely, type Wanted } from '../resize-files.ts'
import { awaitStopRequest } from '../stop-request.ts'

interface Flags extends Remote {
  out: string
  service?: boolean
  json?: boolean
  set?: Wanted
  [option: string]: unknown
}

const named = [
  'width',
  'height',
  'fit',
  'gravity',
  'format',
  'quality',
  'maxBytes',
  'withoutEnlargement',
] as const

export const resizeCommand = new Command('resize')
  .description('resize pictures: without a server, or as one bulk job of a running mosaicme')
  .argument('<pictures...>', 'files, folders, patterns such as "photos/**/*.jpg"')
  .requiredOption('--out <folder>', 'where the results go; subfolders are kept')
  .option('--width <pixels>', 'of the result', number)
  .option('--height <pixels>', 'of the result', number)
  .addOption(new Option('--fit <fit>', 'when both are given (default: cover)').choices(fits))
  .addOption(new Option('--gravity <where>', 'which part cover keeps').choices(gravities))
  .addOption(new Option('--format <format>', 'default: the format of each picture').choices(formats))
  .option('--quality <1..100>', 'of JPEG, WebP and AVIF', number)
  .option('--max-bytes <count>', 'use the best quality that keeps the file below this size', number)
  .option('--without-enlargement', 'do not enlarge small pictures')
  .option('--set <name=value>', 'any other option of POST /v1/jobs; can be repeated', setting, {})
  .option('--service', 'let a running mosaicme do it, as one durable job')
  .addOption(urlOption)
  .addOption(apiKeyOption)
  .option('--json', 'print one line of JSON per picture')
  .addHelpText(
    'after',
    `
Examples:
  mosaicme resize photo.jpg --width 640 --out small
  mosaicme resize ~/Pictures --width 1600 --format avif --out ~/Pictures-small
  mosaicme resize "shoes/**/*.png" --width 300 --height 300 --gravity attention --format webp --out thumbs
  mosaicme resize photo.jpg --out site --set 'outputs=[{"name":"1x","width":400},{"name":"2x","width":800}]'
  mosaicme resize ~/Pictures --width 1600 --out small --service
`,
  )
  .action(async (places: string[], flags: Flags) => {
    const wanted: Wanted = { ...flags.set }
    for (const name of named) if (flags[name] !== undefined) wanted[name] = flags[name]
    if (!('width' in wanted || 'height' in wanted || 'outputs' in wanted))
      throw new Refusal('invalid_option', 'Expected --width, --height or both.')
    const out = resolve(flags.out)
    const files = await findPictureFiles(places)
    const bars = new Bars(flags.json !== true && process.stderr.isTTY)
    const stop = awaitStopRequest(() => process.exit(130))
    try {
      const { url, apiKey } = flags
      const outcomes = flags.service
        ? await resizeRemotely(
            { url, ...(apiKey !== undefined && { apiKey }) },
            files,
            wanted,
            out,
            (stage) => bars.stage(stage),
          )
        : await resizeLocally(files, wanted, out, { signal: stop.signal, onProgress: bars.stage('resizing') })
      bars.end()
      report(outcomes, out, flags.json === true)
    } finally {
      bars.end()
      stop.dispose()
    }
  })

function report(outcomes: readonly Outcome[], out: string, json: boolean): void {
  const failed = outcomes.filter(({ error }) => error)
  if (json) for (const outcome of outcomes) console.log(JSON.stringify(outcome))
  else {
    for (const { from, error } of failed) console.error(`${from}: ${error?.message}`)
    console.log(`${outcomes.length - failed.length} of ${outcomes.length} resized into ${out}.`)
  }
  if (failed.length > 0) process.exitCode = 1
}

/** `radius=max`, `blur=2`, `watermark={"text":"mine"}`: JSON if it parses, otherwise a string. */
function setting(text: string, before: Wanted): Wanted {
  const [, name, value = ''] = /^([a-zA-Z]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined) throw new InvalidArgumentError('Expected name=value.')
  try {
    return { ...before, [name]: JSON.parse(value) }
  } catch {
    return { ...before, [name]: value }
  }
}

/** Shows a progress bar per stage, on a terminal only. */
class Bars {
  readonly #shown: boolean
  #bar: SingleBar | undefined
  constructor(shown: boolean) {
    this.#shown = shown
  }

  stage(name: string): OnProgress {
    if (!this.#shown) return () => {}
    let bar: SingleBar | undefined
    return (done, total) => {
      if (!bar) {
        this.end()
        const format = `${name.padEnd(9)} {bar} {value}/{total} | {eta_formatted} left`
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

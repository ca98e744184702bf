/** The sample jobs of `mosaicme up --demo`, asked for over HTTP as anybody would. */
import { setTimeout as delay } from 'node:timers/promises'
import { drawSampleScene } from './sample-scene.ts'

export interface DemoOptions {
  /** Of the running copy, without a final slash. */
  url: string
  apiKey?: string | undefined
  say: (line: string) => void
  signal: AbortSignal
}

interface DemoJob {
  id: string
  status: string
  progress?: { stage: string; done: number; total: number } | null
  result?: {
    url?: string
    large?: { url: string; width: number; height: number }
    small?: { url: string }
  } | null
  error?: { message?: string; detail?: string } | null
  urls: { self: string; temporal?: string | null }
}

/** Makes a mosaic and a resized picture of the sample scene, and tells where they are. @throws when one fails */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { say, url } = options
  const base64 = (await drawSampleScene()).toString('base64')
  const started = performance.now()
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`
  say('Demo: asking for a mosaic and a resized picture of a sample scene.')

  const resize = async () => {
    const job = await finish(
      options,
      await submit(options, { type: 'resize', input: { base64 }, width: 320 }),
    )
    say(`Demo: the resized picture, after ${seconds()}: ${absolute(url, job.result?.url)}`)
  }
  const mosaic = async () => {
    const job = await finish(options, await submit(options, { type: 'mosaic', input: { base64 } }), say)
    const { large, small } = job.result ?? {}
    say(`Demo: the mosaic, ${large?.width}x${large?.height} pixels, after ${seconds()}:`)
    say(`  to look at        ${url}/mosaic/${job.id}`)
    say(`  large             ${absolute(url, large?.url)}`)
    say(`  small             ${absolute(url, small?.url)}`)
    if (job.urls.temporal) say(`  in the Web UI     ${job.urls.temporal}`)
  }
  await Promise.all([resize(), mosaic()])
}

async function submit(options: DemoOptions, request: object): Promise<DemoJob> {
  return await call(options, '/v1/jobs', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(request),
  })
}

async function finish(
  options: DemoOptions,
  job: DemoJob,
  say: (line: string) => void = () => {},
): Promise<DemoJob> {
  let stage: string | undefined
  let latest = job
  while (latest.status === 'queued' || latest.status === 'processing') {
    await delay(250, undefined, { signal: options.signal })
    latest = await call(options, `/v1/jobs/${job.id}`)
    if (latest.progress && latest.progress.stage !== stage) {
      stage = latest.progress.stage
      say(`Demo: ${job.id} is at ${stage}`)
    }
  }
  if (latest.status === 'succeeded') return latest
  throw new Error(
    `${job.id} ${latest.status}: ${latest.error?.message ?? latest.error?.detail ?? 'no reason given'}`,
  )
}

async function call(
  { url, apiKey, signal }: DemoOptions,
  path: string,
  init: RequestInit = {},
): Promise<DemoJob> {
  const headers = new Headers(init.headers)
  if (apiKey) headers.set('Authorization', `Bearer ${apiKey}`)
  const response = await fetch(url + path, { ...init, headers, signal })
  if (!response.ok)
    throw new Error(`${path} answered ${response.status}: ${(await response.text()).slice(0, 500)}`)
  return (await response.json()) as DemoJob
}

/** Without PUBLIC_URL, links are relative. */
function absolute(url: string, link: string | undefined): string {
  return link === undefined ? 'nowhere' : new URL(link, `${url}/`).href
}

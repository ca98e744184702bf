/** Resizes files: with the engine in this process, or as one bulk job of a running mosaicme. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, extname, join } from 'node:path'
import pLimit from 'p-limit'
import type { Job } from '../api/client.ts'
import { PictureError, type ResizeOptions, resizePictures, sniffFormat } from '../engine/index.ts'
import type { PictureFile } from './picture-files.ts'
import { Refusal } from './refusal.ts'
import { call, followJob, pictureInput, type Remote } from './remote-jobs.ts'

/** Options as in the API; without a format, each picture keeps its own. */
export type Wanted = Record<string, unknown>

export interface Outcome {
  from: string
  to?: string[]
  error?: { code: string; message: string }
}

export type OnProgress = (done: number, total: number) => void

/** People's own pictures may be larger than those of strangers. */
const limits = { bytes: 2 ** 30, pixels: 268e6 }

export async function resizeLocally(
  files: readonly PictureFile[],
  wanted: Wanted,
  out: string,
  { signal, onProgress }: { signal: AbortSignal; onProgress: OnProgress },
): Promise<Outcome[]> {
  const turn = pLimit(availableParallelism())
  const nameFor = distinctNames(out, files)
  let done = 0
  const one = async ({ path, name }: PictureFile): Promise<Outcome> => {
    try {
      signal.throwIfAborted()
      const bytes = await readFile(path)
      const options = { fit: 'cover', ...wanted, format: wanted.format ?? formatOf(bytes) } as ResizeOptions
      const made = await resizePictures(bytes, options, { signal, limits })
      const to: string[] = []
      for (const picture of made)
        to.push(await write(nameFor(name, picture.format, picture.name), picture.bytes))
      return { from: path, to }
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof PictureError && error.code === 'invalid_option')
        throw new Refusal(error.code, error.message)
      const { code = 'unreadable', message } = error as Error & { code?: string }
      return { from: path, error: { code, message } }
    } finally {
      onProgress(++done, files.length)
    }
  }
  return await Promise.all(files.map((file) => turn(() => one(file))))
}

export async function resizeRemotely(
  remote: Remote,
  files: readonly PictureFile[],
  wanted: Wanted,
  out: string,
  onProgress: (stage: string) => OnProgress,
): Promise<Outcome[]> {
  const turn = pLimit(4)
  const sending = onProgress('sending')
  let sent = 0
  const uploads = await Promise.all(
    files.map((file) =>
      turn(async () => {
        try {
          return await pictureInput(remote, file.path)
        } catch (error) {
          // A file that is no picture does not stop the others.
          if (!(error instanceof Refusal) || error.code === 'api_unreachable') throw error
          return { error: { code: error.code, message: error.message } }
        } finally {
          sending(++sent, files.length)
        }
      }),
    ),
  )
  const accepted = files.flatMap((file, at) => {
    const upload = uploads[at]!
    return 'upload' in upload ? [{ file, upload: upload.upload }] : []
  })
  const outcomes = files.flatMap(({ path }, at): Outcome[] => {
    const upload = uploads[at]!
    return 'error' in upload ? [{ from: path, error: upload.error }] : []
  })
  if (accepted.length === 0) return outcomes

  const input = { uploads: accepted.map(({ file, upload }) => ({ upload, name: file.name.slice(0, 255) })) }
  const answer = await call(remote, 'v1/bulk', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...wanted, input }),
  })
  let job = (await answer.json()) as Job
  const resizing = onProgress('resizing')
  for await (const latest of followJob(remote, job.id)) {
    job = latest
    if (job.progress.stage === 'bulk-resize') resizing(job.progress.done, job.progress.total)
  }
  if (job.status !== 'succeeded')
    throw new Refusal(
      job.error?.code ?? job.status,
      job.error?.message ?? `The job ${job.id} has been ${job.status}.`,
    )

  const nameFor = distinctNames(out, files)
  const fetching = onProgress('fetching')
  const lines = (await (await call(remote, `v1/jobs/${job.id}/result`)).text()).trimEnd().split('\n')
  let fetched = 0
  for (const line of lines) {
    const { index, result, error } = JSON.parse(line) as ManifestLine
    const { file } = accepted[index]!
    if (!result) outcomes.push({ from: file.path, ...(error && { error }) })
    else {
      const to: string[] = []
      for (const { key, format, name } of result.outputs ?? [result]) {
        const bytes = await (
          await call(remote, `v1/jobs/${job.id}/files/${key.split('/').at(-1)}`)
        ).arrayBuffer()
        to.push(await write(nameFor(file.name, format, name), new Uint8Array(bytes)))
      }
      outcomes.push({ from: file.path, to })
    }
    fetching(++fetched, lines.length)
  }
  return outcomes
}

interface ManifestPicture {
  key: string
  format: string
  name?: string
}
interface ManifestLine {
  index: number
  result?: ManifestPicture & { outputs?: ManifestPicture[] }
  error?: { code: string; message: string }
}

/** `holiday/a.png` becomes `OUT/holiday/a.webp` or, next to an `a.jpg` with the same result, `OUT/holiday/a.png.webp`. */
function distinctNames(
  out: string,
  files: readonly PictureFile[],
): (name: string, format: string, output?: string) => string {
  const stemOf = (name: string) => name.slice(0, name.length - extname(name).length)
  const sharing = new Map<string, number>()
  for (const { name } of files) sharing.set(stemOf(name), (sharing.get(stemOf(name)) ?? 0) + 1)
  return (name, format, output) => {
    const extension = `.${format === 'jpeg' ? 'jpg' : format}`
    const alone = sharing.get(stemOf(name)) === 1 || extname(name) === extension
    return join(out, `${alone ? stemOf(name) : name}${output === undefined ? '' : `-${output}`}${extension}`)
  }
}

/** Writes atomically, so that nobody sees incomplete pictures in the folder. */
async function write(path: string, bytes: Uint8Array): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.part`, bytes)
  await rename(`${path}.part`, path)
  return path
}

function formatOf(bytes: Uint8Array): string {
  const sniffed = sniffFormat(bytes)
  return sniffed && 'format' in sniffed ? sniffed.format : 'jpeg'
}

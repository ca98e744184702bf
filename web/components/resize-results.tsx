/** Resized pictures, shown and downloadable as soon as they are ready. */
import type { FC } from 'hono/jsx'
import { isFinal, type Job, ownPath, type ResizeResult } from '../job.ts'
import { count, fileSize, pixels } from '../words.ts'

export type ResizeJob = Extract<Job, { type: 'resize' }>

const extension = ({ format }: ResizeResult) => (format === 'jpeg' ? 'jpg' : format)

/** `holiday-800x600.jpg`: the original name and the new size. */
export function fileNameOf({ id, metadata, result }: ResizeJob): string {
  const base =
    (metadata?.name ?? id)
      .replace(/\.\w{2,5}$/, '')
      .replace(/[\\/:*?"<>|]/g, '-')
      .replace(/^\.+/, '') || id
  return result ? `${base}-${result.width}x${result.height}.${extension(result)}` : base
}

export interface ResizeResultsProps {
  jobs: readonly ResizeJob[]
  /** Messages about rejected pictures. */
  refused: readonly string[]
  /** Query of this page, for the archive with the same pictures. */
  query: string
}

export const ResizeResults: FC<ResizeResultsProps> = ({ jobs, refused, query }) => {
  const done = jobs.filter(({ result }) => result !== null)
  const pending = jobs.filter(({ status }) => !isFinal(status))
  const only = done.length === 1 ? done[0] : undefined
  return (
    <section class="results" id="results" data-pending={pending.length > 0 ? 'true' : undefined}>
      <header>
        <p class="eyebrow">{jobs.length === 1 ? 'resized picture' : 'resized pictures'}</p>
        <h1>{pending.length > 0 ? 'In the making' : done.length > 0 ? 'Done' : 'That did not work'}</h1>
        <p class="muted" role="status">
          {jobs.length > 1 && `${count(done.length)} of ${count(jobs.length)} are done.`}
        </p>
      </header>
      {refused.map((sentence) => (
        <p class="notice" key={sentence}>
          {sentence}
        </p>
      ))}
      <ul class={jobs.length === 1 ? 'single' : undefined}>
        {jobs.map((job) => (
          <ResultItem key={job.id} job={job} alone={jobs.length === 1} />
        ))}
      </ul>
      <div class="actions">
        {only && jobs.length === 1 && (
          <a class="button primary" href={ownPath(only.result!.url)} download={fileNameOf(only)}>
            Download
          </a>
        )}
        {done.length > 1 && (
          <a class="button primary" href={`/result.zip${query}`} download="pictures.zip">
            Download all
          </a>
        )}
        <a class="button quiet" href="/resize">
          Resize more
        </a>
      </div>
    </section>
  )
}

const ResultItem: FC<{ job: ResizeJob; alone: boolean }> = ({ job, alone }) => {
  const { id, status, result, error, metadata } = job
  return (
    <li class={status}>
      {result && (
        <img
          src={ownPath(result.url)}
          width={result.width}
          height={result.height}
          alt={metadata?.name ? `${metadata.name}, resized` : 'The result'}
          loading="lazy"
        />
      )}
      <p>
        {metadata?.name && (
          <>
            <bdi>{metadata.name}</bdi>{' '}
          </>
        )}
        {result && (
          <span class="muted">
            {pixels(result.width, result.height)}, {result.format.toUpperCase()}, {fileSize(result.bytes)}
          </span>
        )}
        {!isFinal(status) && <span class="muted">is being resized</span>}
        {error && <span class="error">{error.message}</span>}
      </p>
      <p class="actions">
        {result && !alone && (
          <a class="button quiet" href={ownPath(result.url)} download={fileNameOf(job)}>
            Download
          </a>
        )}
        <a class="text-link" href={`/jobs/${id}`}>
          How it was made
        </a>
      </p>
    </li>
  )
}

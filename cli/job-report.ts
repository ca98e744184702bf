/** A job on the terminal: a progress bar while it runs, and the links to its result. */
import { SingleBar } from 'cli-progress'
import type { Job } from '../api/client.ts'

/** Shows a job's states: on a terminal as a bar, elsewhere as a line per step. Writes to standard error. */
export async function showProgress(states: AsyncIterable<Job>): Promise<Job | undefined> {
  const bar = process.stderr.isTTY
    ? new SingleBar({
        format: '{bar} {stage}',
        barsize: 30,
        barCompleteChar: '█',
        barIncompleteChar: '░',
        hideCursor: true,
        clearOnComplete: true,
        stream: process.stderr,
      })
    : undefined
  let last: Job | undefined
  bar?.start(1, 0, { stage: 'queued' })
  try {
    for await (const job of states) {
      const told = last?.progress.stage
      const { stage, step, steps } = job.progress
      const words = steps > 0 ? `${stage} (${step} of ${steps})` : stage
      bar?.update(wholeProgress(job), { stage: words })
      if (!bar && stage !== told) console.error(words)
      for (const { stage, attempt, last_error } of newAttempts(job, last))
        console.error(`retrying ${stage} (attempt ${attempt}): ${last_error.message}`)
      last = job
    }
  } finally {
    bar?.stop()
  }
  return last
}

/** 0..1 over all steps, each with the same weight. */
function wholeProgress({ status, progress: { done, total, step, steps } }: Job): number {
  if (status === 'succeeded') return 1
  return steps === 0 ? 0 : (step - 1 + (total > 0 ? done / total : 0)) / steps
}

const newAttempts = (job: Job, last: Job | undefined) =>
  job.attempts.filter(
    ({ stage, attempt }) => !last?.attempts.some((one) => one.stage === stage && one.attempt === attempt),
  )

/** Describes a job for a person. */
export function describe(job: Job): string {
  const lines = [`${job.id}: ${job.status}`]
  if (job.error)
    lines.push(
      `${job.error.message} (${job.error.code}${job.error.retryable ? ', a replay may succeed' : ''})`,
    )
  if (job.status === 'processing')
    lines.push(`at ${job.progress.stage}, step ${job.progress.step} of ${job.progress.steps}`)
  if (job.result) lines.push(...results(job))
  if (job.urls.temporal) lines.push(`in the Web UI ${job.urls.temporal}`)
  return lines.join('\n')
}

function results(job: Job): string[] {
  if (!job.result) return []
  switch (job.type) {
    case 'mosaic':
      return [
        `large ${size(job.result.large)} ${job.result.large.url}`,
        `small ${size(job.result.small)} ${job.result.small.url}`,
        `plan  ${job.result.plan}`,
      ]
    case 'resize':
      return [`${size(job.result)} ${job.result.url}`]
    case 'bulk':
      return [
        `${job.result.succeeded} of ${job.result.items} resized, manifest ${job.result.manifest.url}`,
        ...job.result.failures.map(({ name, message }) => `failed ${name}: ${message}`),
      ]
    case 'tiles':
      return [
        ...(job.result.removed === undefined
          ? []
          : [`${job.result.removed} removed, ${job.result.remade ?? 0} mosaics remade without them`]),
        `${job.result.added} added, ${job.result.duplicates} already known, ${job.result.skipped.length} skipped; ` +
          `the library ${job.result.library} holds ${job.result.size}`,
        ...job.result.skipped.map(({ name, message }) => `skipped ${name}: ${message}`),
      ]
  }
}

const size = ({ width, height, bytes }: { width: number; height: number; bytes: number }) =>
  `${width}x${height} px, ${bytes} bytes:`

/**
 * Keys of everything in the object store, in the older system's four buckets. They are derived from job IDs and content hashes,
 * so that a step that runs twice writes the same object.
 */
import type { Bucket } from './object-store.ts'

export interface Place {
  bucket: Bucket
  key: string
}

/** An uploaded picture, named after the SHA-256 of its bytes. */
export const upload = (sha256: string): Place => ({ bucket: 'in', key: `uploads/${sha256}` })

/** Staged work of a running job, removed when it has succeeded or was cancelled. */
export const work = {
  prefix: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/` }),
  photo: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/photo` }),
  mask: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/mask` }),
  plan: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/plan.json` }),
  large: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/large.jpg` }),
  pyramid: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/pyramid.zip` }),
  small: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/small.jpg` }),
  target: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/target.jpg` }),
  /** For a job that removes a person's tiles: their IDs, and the mosaics that use them. */
  removedTiles: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/removed-tiles.json` }),
  foundMosaics: (jobId: string, round: number): Place => ({
    bucket: 'in',
    key: `${jobId}/mosaics-${round}.json`,
  }),
  /** Photos for a `tiles` job: a JSON list named after its SHA-256, since rejected requests leave one, too. */
  sources: (jobId: string, sha256: string): Place => ({
    bucket: 'in',
    key: `${jobId}/sources-${sha256}.json`,
  }),
}

/** A finished mosaic. */
export const mosaic = {
  large: (jobId: string): Place => ({ bucket: 'large', key: `${jobId}.jpg` }),
  dzi: (jobId: string): Place => ({ bucket: 'large', key: `${jobId}.dzi` }),
  /** Prefix of the deep-zoom tiles, `<level>/<column>_<row>.jpg`. */
  dziTiles: (jobId: string): Place => ({ bucket: 'large', key: `${jobId}_files/` }),
  plan: (jobId: string): Place => ({ bucket: 'large', key: `${jobId}.plan.json` }),
  small: (jobId: string): Place => ({ bucket: 'small', key: `${jobId}.jpg` }),
  /** The photo, at the size of the small picture, for comparison. */
  target: (jobId: string): Place => ({ bucket: 'small', key: `${jobId}.target.jpg` }),
  /** Written last: a mosaic exists once its record does. The gallery is rebuilt from the records. */
  record: (jobId: string): Place => ({ bucket: 'small', key: `${jobId}.json` }),
}

/** The type of job that an idempotency key was first used for. */
export const idempotencyKey = (sha256: string): Place => ({ bucket: 'in', key: `keys/${sha256}` })

/** Owners of jobs and uploads, which others may not see. */
export const owner = (jobId: string): Place => ({ bucket: 'in', key: `owners/jobs/${jobId}` })
export const uploadClaims: Place = { bucket: 'in', key: 'owners/uploads/' }
export const uploadClaim = (tenant: string, sha256: string): Place => ({
  bucket: 'in',
  key: `owners/uploads/${tenant}/${sha256}`,
})

/** The record of a job that ended without a result. */
export const jobRecord = (jobId: string): Place => ({ bucket: 'in', key: `jobs/${jobId}.json` })

/** The ledger of ended jobs, in pages named so that ascending listings begin with the latest. */
export const ledger = {
  prefix: { bucket: 'in', key: 'ledger/pages/' } as Place,
  /** Jobs that ended after this time, ms since 1970. */
  page: (from: number): Place => ({
    bucket: 'in',
    key: `ledger/pages/${String(1e15 - from).padStart(16, '0')}.json`,
  }),
  isPage: (key: string): boolean => /^ledger\/pages\/\d{16}\.json$/.test(key),
  /** The time up to which it is written. */
  end: { bucket: 'in', key: 'ledger/end.json' } as Place,
}

/** An accepted, unfinished job: everything needed to start it again. */
export const orders: Place = { bucket: 'in', key: 'orders/' }
export const order = (jobId: string): Place => ({ bucket: 'in', key: `${orders.key}${jobId}.json` })

/** Notes about keys that have encrypted Temporal's payloads. */
export const payloadKeys: Place = { bucket: 'in', key: 'payload-keys/' }
export const payloadKey = (id: string): Place => ({ bucket: 'in', key: `${payloadKeys.key}${id}.json` })

/** Left by a deleted job: prevents its later publication and the reuse of its ID. */
export const tombstone = (jobId: string): Place => ({ bucket: 'in', key: `deleted/${jobId}` })

/**
 * Records about the reply to a post. By post, not by job, and kept when the job is deleted, because a post gets only one reply.
 * `<n>.try`: attempt n was about to post it; `answer.json`: it is published.
 */
export const answer = {
  tries: (network: string, postId: string): Place => ({ bucket: 'in', key: `answers/${network}/${postId}/` }),
  try: (network: string, postId: string, n: number): Place => ({
    bucket: 'in',
    key: `answers/${network}/${postId}/${String(n).padStart(4, '0')}.try`,
  }),
  out: (network: string, postId: string): Place => ({
    bucket: 'in',
    key: `answers/${network}/${postId}/answer.json`,
  }),
  /** A person's decision about a job's reply, which overrides the job's own outcome. */
  decided: (jobId: string): Place => ({ bucket: 'in', key: `answers/jobs/${jobId}.json` }),
}

/** Costs of calls to a network on a day (2026-11-21), one file per process. */
export const spending = {
  day: (network: string, day: string): Place => ({ bucket: 'in', key: `spending/${network}/${day}/` }),
  process: (network: string, day: string, id: string): Place => ({
    bucket: 'in',
    key: `spending/${network}/${day}/${id}.json`,
  }),
}

/** Somebody who has opted out of replies. */
export const optedOut = (network: string, handle: string): Place => ({
  bucket: 'in',
  key: `opted-out/${network}/${handle.toLowerCase()}`,
})

/** Moderation: waiting pictures, decisions and blocked entries. */
export const moderation = {
  waitingPrefix: { bucket: 'in', key: 'moderation/waiting/' } as Place,
  waiting: (id: string): Place => ({ bucket: 'in', key: `moderation/waiting/${id}.json` }),
  /** A photo waiting to become a tile. */
  photo: (id: string): Place => ({ bucket: 'in', key: `moderation/photos/${id}` }),
  /** The decision about a photo, so that nobody is asked again. */
  settled: (id: string): Place => ({ bucket: 'in', key: `moderation/settled/${id}.json` }),
  logPrefix: { bucket: 'in', key: 'moderation/log/' } as Place,
  logEntry: (name: string): Place => ({ bucket: 'in', key: `moderation/log/${name}.json` }),
  blockedPrefix: { bucket: 'in', key: 'moderation/blocked/' } as Place,
  /** `value` in any script, encoded as one segment. */
  blocked: (kind: string, value: string): Place => ({
    bucket: 'in',
    key: `moderation/blocked/${kind}/${encodeURIComponent(value)}`,
  }),
}

/** An inbox: pictures already taken, by name and version, and lists for the next step. */
export const inbox = {
  seen: (name: string, version: string): Place => ({ bucket: 'in', key: `inboxes/${name}/seen/${version}` }),
  list: (name: string, sha256: string): Place => ({
    bucket: 'in',
    key: `inboxes/${name}/lists/${sha256}.json`,
  }),
  isList: (key: string): boolean => /^inboxes\/[^/]+\/lists\//.test(key),
}
export const inboxes: Place = { bucket: 'in', key: 'inboxes/' }

/** Everything that a job publishes, except its record: objects, and folders, whose keys end in `/`. */
export const results = (jobId: string): Place[] => [
  mosaic.large(jobId),
  mosaic.dzi(jobId),
  mosaic.dziTiles(jobId),
  mosaic.plan(jobId),
  mosaic.small(jobId),
  mosaic.target(jobId),
  ...resizedInAnyFormat(jobId),
  resizedOutput(jobId, ''),
  { bucket: 'small', key: `bulk/${jobId}/` },
]

export const resized = (jobId: string, format: string): Place => ({
  bucket: 'small',
  key: `resized/${jobId}.${extensionOf(format)}`,
})

/** The format is not to be told from a job's ID; to list the keys that start with it would read the folder of all results. */
export const resizedInAnyFormat = (jobId: string): Place[] =>
  ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'].map((format) => resized(jobId, format))

/** One of several outputs of a resize: `NAME.jpg`. */
export const resizedOutput = (jobId: string, file: string): Place => ({
  bucket: 'small',
  key: `resized/${jobId}/${file}`,
})

/** A format's usual file name extension. */
export const extensionOf = (format: string) => (format === 'jpeg' ? 'jpg' : format)

/** The resize cache: where an earlier result of the same picture and options is. */
export const resizeMemoryPrefix: Place = { bucket: 'small', key: 'resized-before/' }
export const resizeMemory = (digest: string): Place => ({
  bucket: 'small',
  key: `${resizeMemoryPrefix.key}${digest}.json`,
})

/** A picture made for a signed address. */
export const signedPicture = (digest: string): Place => ({ bucket: 'small', key: `signed/${digest}` })

const digits = (value: number) => String(value).padStart(7, '0')

/** A bulk job: lists of its pictures and outcomes, by batch, and the resized pictures, by number. */
export const bulk = {
  items: (jobId: string, round: number, batch: number): Place => ({
    bucket: 'in',
    key: `${jobId}/items/${digits(round)}/${digits(batch)}.json`,
  }),
  round: (jobId: string, round: number): Place => ({
    bucket: 'in',
    key: `${jobId}/outcomes/${digits(round)}/`,
  }),
  outcomes: (jobId: string, round: number, batch: number): Place => ({
    bucket: 'in',
    key: `${jobId}/outcomes/${digits(round)}/${digits(batch)}.json`,
  }),
  zip: (jobId: string, sha256: string): Place => ({ bucket: 'in', key: `${jobId}/pictures-${sha256}.zip` }),
  /** From a form. Named after its content, so that another request with the same Idempotency-Key cannot replace it. */
  picture: (jobId: string, sha256: string): Place => ({ bucket: 'in', key: `${jobId}/pictures/${sha256}` }),
  unpacked: (jobId: string, index: number): Place => ({
    bucket: 'in',
    key: `${jobId}/unpacked/${digits(index)}`,
  }),
  /** A file of a job: the manifest, or one of its pictures. */
  file: (jobId: string, name: string): Place => ({ bucket: 'small', key: `bulk/${jobId}/${name}` }),
  manifest: (jobId: string): Place => bulk.file(jobId, 'manifest.jsonl'),
  /** The job's result, written last. */
  summary: (jobId: string): Place => bulk.file(jobId, 'result.json'),
  result: (jobId: string, index: number, format: string): Place =>
    bulk.file(jobId, `${digits(index)}.${extensionOf(format)}`),
  output: (jobId: string, index: number, name: string, format: string): Place =>
    bulk.file(jobId, `${digits(index)}-${name}.${extensionOf(format)}`),
}

/** Left by a job whose results have expired: prevents the reuse of its ID. */
export const expired = (jobId: string): Place => ({ bucket: 'in', key: `expired/${jobId}` })

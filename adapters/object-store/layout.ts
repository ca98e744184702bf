/**
 * Where everything lies in the object store: the older system's four buckets.
 * Keys come from job IDs and content hashes, so that a step that runs twice writes the same thing to the same place.
 */
import type { Bucket } from './object-store.ts'

export interface Place {
  bucket: Bucket
  key: string
}

/** A picture that somebody handed in, named by the SHA-256 of its bytes. */
export const upload = (sha256: string): Place => ({ bucket: 'in', key: `uploads/${sha256}` })

/** The work of a running job. Gone when the job has succeeded or was cancelled. */
export const work = {
  prefix: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/` }),
  photo: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/photo` }),
  mask: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/mask` }),
  plan: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/plan.json` }),
  large: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/large.jpg` }),
  pyramid: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/pyramid.zip` }),
  small: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/small.jpg` }),
  target: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/target.jpg` }),
  /** Of a job that removes a person's tiles: which they were, and which mosaics use them. */
  removedTiles: (jobId: string): Place => ({ bucket: 'in', key: `${jobId}/removed-tiles.json` }),
  foundMosaics: (jobId: string, round: number): Place => ({
    bucket: 'in',
    key: `${jobId}/mosaics-${round}.json`,
  }),
  /** The photos that a `tiles` job is to add: a JSON list, named by its SHA-256, since a refused request has one, too. */
  sources: (jobId: string, sha256: string): Place => ({
    bucket: 'in',
    key: `${jobId}/sources-${sha256}.json`,
  }),
}

/** A finished mosaic. */
export const mosaic = {
  large: (jobId: string): Place => ({ bucket: 'large', key: `${jobId}.jpg` }),
  dzi: (jobId: string): Place => ({ bucket: 'large', key: `${jobId}.dzi` }),
  /** Deep-zoom tiles lie under this prefix as `<level>/<column>_<row>.jpg`. */
  dziTiles: (jobId: string): Place => ({ bucket: 'large', key: `${jobId}_files/` }),
  plan: (jobId: string): Place => ({ bucket: 'large', key: `${jobId}.plan.json` }),
  small: (jobId: string): Place => ({ bucket: 'small', key: `${jobId}.jpg` }),
  /** The photo that the mosaic is of, at the small one's size: to be compared with it. */
  target: (jobId: string): Place => ({ bucket: 'small', key: `${jobId}.target.jpg` }),
  /** Written last: a mosaic exists when its record does. The gallery is rebuilt from these. */
  record: (jobId: string): Place => ({ bucket: 'small', key: `${jobId}.json` }),
}

/** Which type of job an idempotency key was first used for. */
export const idempotencyKey = (sha256: string): Place => ({ bucket: 'in', key: `keys/${sha256}` })

/** Whose a job is, and which uploads somebody has handed in: neither is for others to see. */
export const owner = (jobId: string): Place => ({ bucket: 'in', key: `owners/jobs/${jobId}` })
export const uploadClaims: Place = { bucket: 'in', key: 'owners/uploads/' }
export const uploadClaim = (tenant: string, sha256: string): Place => ({
  bucket: 'in',
  key: `owners/uploads/${tenant}/${sha256}`,
})

/** What is kept of a job that ended without a result. */
export const jobRecord = (jobId: string): Place => ({ bucket: 'in', key: `jobs/${jobId}.json` })

/** Which jobs have ended, in pages, the latest first: keys are listed in ascending order. */
export const ledger = {
  prefix: { bucket: 'in', key: 'ledger/pages/' } as Place,
  /** Of the jobs that ended after this moment, ms since 1970. */
  page: (from: number): Place => ({
    bucket: 'in',
    key: `ledger/pages/${String(1e15 - from).padStart(16, '0')}.json`,
  }),
  isPage: (key: string): boolean => /^ledger\/pages\/\d{16}\.json$/.test(key),
  /** The moment up to which it is written. */
  end: { bucket: 'in', key: 'ledger/end.json' } as Place,
}

/** A job that was accepted and is not over: all that it takes to begin it anew. */
export const orders: Place = { bucket: 'in', key: 'orders/' }
export const order = (jobId: string): Place => ({ bucket: 'in', key: `${orders.key}${jobId}.json` })

/** Which keys have encrypted what Temporal keeps. */
export const payloadKeys: Place = { bucket: 'in', key: 'payload-keys/' }
export const payloadKey = (id: string): Place => ({ bucket: 'in', key: `${payloadKeys.key}${id}.json` })

/** What a deleted job leaves: it keeps the job from being published later, and its ID from being given away. */
export const tombstone = (jobId: string): Place => ({ bucket: 'in', key: `deleted/${jobId}` })

/**
 * What is known of the answer to a post. By post, not by job, and kept when the job is deleted: one answer for ever.
 * `<n>.try`: the n-th time that it was about to be posted; `answer.json`: it is out.
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
  /** What a person has decided about a job's answer: outlasts what the job itself said. */
  decided: (jobId: string): Place => ({ bucket: 'in', key: `answers/jobs/${jobId}.json` }),
}

/** What calls to a network have cost on a day (2026-11-21), a file for each process that made some. */
export const spending = {
  day: (network: string, day: string): Place => ({ bucket: 'in', key: `spending/${network}/${day}/` }),
  process: (network: string, day: string, id: string): Place => ({
    bucket: 'in',
    key: `spending/${network}/${day}/${id}.json`,
  }),
}

/** Somebody who wants no answers from us. */
export const optedOut = (network: string, handle: string): Place => ({
  bucket: 'in',
  key: `opted-out/${network}/${handle.toLowerCase()}`,
})

/** What waits for a moderator, what was decided, and who is not wanted. */
export const moderation = {
  waitingPrefix: { bucket: 'in', key: 'moderation/waiting/' } as Place,
  waiting: (id: string): Place => ({ bucket: 'in', key: `moderation/waiting/${id}.json` }),
  /** A photo that is no tile yet. */
  photo: (id: string): Place => ({ bucket: 'in', key: `moderation/photos/${id}` }),
  /** What was decided of a photo, so that nobody is asked about it again. */
  settled: (id: string): Place => ({ bucket: 'in', key: `moderation/settled/${id}.json` }),
  logPrefix: { bucket: 'in', key: 'moderation/log/' } as Place,
  logEntry: (name: string): Place => ({ bucket: 'in', key: `moderation/log/${name}.json` }),
  blockedPrefix: { bucket: 'in', key: 'moderation/blocked/' } as Place,
  /** `value` in any script: a key's segment without `/`. */
  blocked: (kind: string, value: string): Place => ({
    bucket: 'in',
    key: `moderation/blocked/${kind}/${encodeURIComponent(value)}`,
  }),
}

/** An inbox: which of its pictures were taken, by name and version, and lists on their way to the next step. */
export const inbox = {
  seen: (name: string, version: string): Place => ({ bucket: 'in', key: `inboxes/${name}/seen/${version}` }),
  list: (name: string, sha256: string): Place => ({
    bucket: 'in',
    key: `inboxes/${name}/lists/${sha256}.json`,
  }),
  isList: (key: string): boolean => /^inboxes\/[^/]+\/lists\//.test(key),
}
export const inboxes: Place = { bucket: 'in', key: 'inboxes/' }

/** Everything that a job shows to the world, its record aside: objects, and folders, whose keys end in `/`. */
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

/** Where the result lies that a picture and some options gave before. */
export const resizeMemoryPrefix: Place = { bucket: 'small', key: 'resized-before/' }
export const resizeMemory = (digest: string): Place => ({
  bucket: 'small',
  key: `${resizeMemoryPrefix.key}${digest}.json`,
})

/** A picture that was made for a signed address. */
export const signedPicture = (digest: string): Place => ({ bucket: 'small', key: `signed/${digest}` })

const digits = (value: number) => String(value).padStart(7, '0')

/** A bulk job: lists of what is to be done and what came of it, by batch; and the pictures, by number. */
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
  unpacked: (jobId: string, index: number): Place => ({
    bucket: 'in',
    key: `${jobId}/unpacked/${digits(index)}`,
  }),
  /** Of a job: its manifest and all of its pictures. */
  file: (jobId: string, name: string): Place => ({ bucket: 'small', key: `bulk/${jobId}/${name}` }),
  manifest: (jobId: string): Place => bulk.file(jobId, 'manifest.jsonl'),
  /** What the job answers, written last. */
  summary: (jobId: string): Place => bulk.file(jobId, 'result.json'),
  result: (jobId: string, index: number, format: string): Place =>
    bulk.file(jobId, `${digits(index)}.${extensionOf(format)}`),
  output: (jobId: string, index: number, name: string, format: string): Place =>
    bulk.file(jobId, `${digits(index)}-${name}.${extensionOf(format)}`),
}

/** What a job leaves whose result was kept for as long as results are: its ID is not given away again. */
export const expired = (jobId: string): Place => ({ bucket: 'in', key: `expired/${jobId}` })

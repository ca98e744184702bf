/**
 * Look into an inbox: starts mosaics of new pictures, or lists them to become tiles. Each picture is taken once: the IDs of
 * mosaics and tiles are derived from its bytes, and what was taken is marked as seen, so that it is not read again.
 */
import { createHash } from 'node:crypto'
import { cancellationSignal } from '@temporalio/activity'
import { InboxError, type InboxPicture, type InboxPlace, listInbox } from '../adapters/inbox/open-inbox.ts'
import * as layout from '../adapters/object-store/layout.ts'
import { ObjectNotFound, type ObjectStore } from '../adapters/object-store/object-store.ts'
import { objectsUnder } from '../adapters/object-store/objects-under.ts'
import { inspectPicture, PictureError, type PictureLimits } from '../engine/index.ts'
import { withHeartbeat } from './heartbeat.ts'
import { type ObjectRef, readObject } from './objects.ts'
import type { MosaicParams, MosaicStarter } from './social/take-post.ts'

export interface LookIntoInboxInput {
  name: string
  place: InboxPlace
  makes: { mosaic: MosaicParams } | { tiles: string }
  /** What the last scan passed on, which is finished by now: mark it as seen. */
  handed?: ObjectRef | undefined
}

export interface SeenInbox {
  /** Jobs started. */
  started: number
  skipped: number
  lastSkipped?: { name: string; code: string; message: string }
  /** Photos to become tiles: a list for `indexTiles`, and what to mark as seen when it is done. */
  photos?: { sources: ObjectRef; count: number; handed: ObjectRef }
  /** There is more: scan again at once. */
  more: boolean
}

/** Pictures per scan. */
const atOnce = 100
/** A file changed less than this many ms ago may still be being written. */
const settledAfter = 2_000
const longestMessage = 200

/** Pictures that were passed on, by version, and the list that passed them on. */
interface Handed {
  versions: string[]
  sources?: ObjectRef
}

export function createLookIntoInbox({
  store,
  mosaics,
  limits,
  inboxFolders: allowed,
  now = Date.now,
}: {
  store: ObjectStore
  mosaics: MosaicStarter
  limits: PictureLimits
  /** Folders that inboxes may watch. */
  inboxFolders: readonly string[]
  now?: () => number
}) {
  return async function lookIntoInbox(input: LookIntoInboxInput): Promise<SeenInbox> {
    const signal = cancellationSignal()
    const { name, place, makes } = input
    return await withHeartbeat(async (report) => {
      if (input.handed) await markHanded(name, input.handed, signal)
      const there = await listInbox(place, { store, allowed })
      const known = await seenVersions(name)
      const fresh = there.filter(({ version }) => !known.has(version))
      const ripe = fresh.filter(({ modifiedAt }) => now() - modifiedAt >= settledAfter)
      const mine = ripe.slice(0, atOnce)
      const result: SeenInbox = { started: 0, skipped: 0, more: ripe.length > mine.length }
      const sources: { source: { object: ObjectRef }; name: string }[] = []
      const handed: string[] = []
      for (const [n, one] of mine.entries()) {
        signal.throwIfAborted()
        try {
          const object = await takeIn(one)
          if ('tiles' in makes) {
            sources.push({ source: { object }, name: one.name })
            handed.push(one.version)
          } else {
            if (await startMosaic(name, object, makes.mosaic)) result.started++
            await mark(name, one.version)
          }
        } catch (error) {
          // Deleted between listing and reading.
          if (isGone(error)) continue
          if (!(error instanceof PictureError)) throw error
          result.skipped++
          result.lastSkipped = {
            ...{ name: one.name.slice(-longestMessage), code: error.code },
            message: error.message.slice(0, longestMessage),
          }
          await mark(name, one.version)
        }
        report(n + 1, mine.length)
      }
      if (sources.length === 0) return result
      const listed = await keep(name, sources)
      return {
        ...result,
        photos: {
          sources: listed,
          count: sources.length,
          handed: await keep(name, { versions: handed, sources: listed }),
        },
      }
    })
  }

  /** Stores it as an upload, keyed by the hash of its bytes. @throws PictureError */
  async function takeIn(one: InboxPicture): Promise<ObjectRef> {
    if (limits.bytes !== undefined && one.size > limits.bytes)
      throw new PictureError(
        'image_too_large',
        `Expected a picture of at most ${limits.bytes} bytes, but it has ${one.size}.`,
      )
    const bytes = await one.read()
    const { format, width, height } = await inspectPicture(bytes, limits)
    const place = layout.upload(createHash('sha256').update(bytes).digest('hex'))
    // Written even if it exists: that renews the upload.
    await store.put(place.bucket, place.key, bytes, {
      contentType: `image/${format}`,
      metadata: { width: String(width), height: String(height), format },
    })
    return place
  }

  async function startMosaic(name: string, object: ObjectRef, params: MosaicParams): Promise<boolean> {
    const sha256 = object.key.slice(object.key.lastIndexOf('/') + 1)
    const jobId = `mosaic-${name.slice(0, 40)}-${sha256.slice(0, 32)}`
    // Temporal removes a job after its retention; these objects stay.
    for (const { bucket, key } of [layout.mosaic.record(jobId), layout.tombstone(jobId)])
      if (await store.head(bucket, key)) return false
    return await mosaics.start({ jobId, source: { object }, params, from: `inbox ${name}` })
  }

  async function keep(name: string, list: readonly unknown[] | Handed): Promise<ObjectRef> {
    const bytes = Buffer.from(JSON.stringify(list))
    const place = layout.inbox.list(name, createHash('sha256').update(bytes).digest('hex'))
    await store.put(place.bucket, place.key, bytes, { contentType: 'application/json' })
    return place
  }

  async function markHanded(name: string, handed: ObjectRef, signal: AbortSignal): Promise<void> {
    try {
      const list = JSON.parse(Buffer.from(await readObject(store, handed, signal)).toString()) as
        | Handed
        | string[]
      // Lists written by older versions hold only the versions.
      const { versions, sources } = Array.isArray(list) ? { versions: list } : list
      for (const version of versions) await mark(name, version)
      if (sources) await store.delete(sources.bucket, sources.key)
      await store.delete(handed.bucket, handed.key)
    } catch (error) {
      // An earlier attempt got this far.
      if (!(error instanceof ObjectNotFound)) throw error
    }
  }

  async function mark(name: string, version: string): Promise<void> {
    const { bucket, key } = layout.inbox.seen(name, version)
    await store.put(bucket, key, new Uint8Array())
  }

  async function seenVersions(name: string): Promise<Set<string>> {
    const folder = layout.inbox.seen(name, '')
    const seen = new Set<string>()
    for await (const { key } of objectsUnder(store, folder)) seen.add(key.slice(folder.key.length))
    return seen
  }
}

const isGone = (error: unknown) =>
  error instanceof ObjectNotFound ||
  (error instanceof InboxError === false && (error as NodeJS.ErrnoException).code === 'ENOENT')

import { Readable } from 'node:stream'
import type { Context } from 'hono'
import { type Bucket, ObjectNotFound, type ObjectStore } from '../../adapters/object-store/object-store.ts'
import { Problem } from '../problems.ts'
import { byteRange } from './byte-range.ts'
import { isKnown } from './entity-tag.ts'

/**
 * Streams an object from the store without holding it in memory. Supports conditional requests (RFC 9110, section 13) and ranges
 * (section 14), both validated by the store's strong entity tag. `undefined` if there is no such object.
 *
 * Objects of a job never change and disappear only with the job, so caches may keep them.
 */
export async function sendStoredObject(
  c: Context,
  store: ObjectStore,
  place: { bucket: Bucket; key: string },
  options: { filename: string; cacheControl: string },
): Promise<Response | undefined> {
  const info = await store.head(place.bucket, place.key)
  if (!info) return undefined
  const headers: Record<string, string> = {
    ETag: info.etag,
    'Last-Modified': info.modifiedAt.toUTCString(),
    'Cache-Control': options.cacheControl,
    'Accept-Ranges': 'bytes',
  }
  if (isKnown(c.req.header('If-None-Match'), info.etag)) return c.body(null, 304, headers)

  const condition = c.req.header('If-Range')
  const whole = condition !== undefined && condition !== info.etag
  const range = whole ? undefined : byteRange(c.req.header('Range'), info.size)
  if (range === 'unsatisfiable')
    throw new Problem('range_not_satisfiable', `Expected a range within ${info.size} bytes.`, {
      headers: { 'Content-Range': `bytes */${info.size}` },
    })

  headers['Content-Type'] = info.contentType
  headers['Content-Disposition'] = `inline; filename="${options.filename}"`
  headers['Content-Length'] = String(range ? range.end - range.start + 1 : info.size)
  if (range) headers['Content-Range'] = `bytes ${range.start}-${range.end}/${info.size}`
  const status = range ? 206 : 200
  if (c.req.method === 'HEAD' || info.size === 0) return c.body(null, status, headers)

  try {
    const { body } = await store.get(place.bucket, place.key, {
      ...(range && { range }),
      signal: c.req.raw.signal,
    })
    return c.body(Readable.toWeb(body) as ReadableStream, status, headers)
  } catch (error) {
    // Deleted between the two calls.
    if (error instanceof ObjectNotFound) return undefined
    throw error
  }
}

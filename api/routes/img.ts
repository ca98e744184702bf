/** `GET /img/SIGNATURE/OPTIONS/SOURCE`: pictures made on demand, at URLs compatible with imgproxy. */
import { type Context, Hono } from 'hono'
import { wholeBody } from '../../adapters/object-store/body.ts'
import * as layout from '../../adapters/object-store/layout.ts'
import { ObjectDamaged, ObjectNotFound } from '../../adapters/object-store/object-store.ts'
import { resizeVersion } from '../../engine/index.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { isKnown } from '../http/entity-tag.ts'
import { entityTagOf, type PictureMaker } from '../img/make-picture.ts'
import { parseOptions } from '../img/options.ts'
import { isSigned } from '../img/signature.ts'
import { parseSource } from '../img/source.ts'
import { newerFormats } from '../input/resize-request.ts'
import { fingerprint } from '../jobs/idempotency.ts'
import type { ApiMetrics } from '../metrics.ts'
import { Problem } from '../problems.ts'

/** The URL determines the picture, so it never changes (RFC 8246). */
const forever = 'public, max-age=31536000, immutable'

export function imgRoutes(
  deps: ApiDependencies,
  { metrics, pictures }: { metrics: ApiMetrics; pictures: PictureMaker },
) {
  const app = new Hono<ApiEnv>()
  const now = deps.now ?? Date.now

  app.get('/img/:signature/:path{.+}', async (c) => {
    const key = deps.img?.key
    if (!key) throw new Problem('not_found', 'Signed addresses are not enabled: IMG_KEY is not set.')
    const { signature, path } = rawParts(c)
    if (!isSigned(key, signature, path))
      throw new Problem(
        'invalid_signature',
        'The signature does not match: expected the HMAC-SHA256 of the salt and the path after it.',
      )

    const segments = path.slice(1).split('/')
    const sourceAt = segments.findIndex((segment) => segment === 'plain' || !segment.includes(':'))
    const { source, extension } = parseSource(sourceAt < 0 ? [] : segments.slice(sourceAt))
    const {
      resize,
      auto,
      attachment,
      filename,
      expires,
      cachebuster = '',
    } = parseOptions(segments.slice(0, sourceAt), extension, deps.presets ?? {})
    if (expires !== undefined && expires * 1000 < now())
      throw new Problem('img_address_expired', 'This URL has expired.')

    const byAccept = resize.format === 'auto'
    // All of it that makes a difference: otherwise every browser would have pictures of its own in the cache.
    const accept = byAccept
      ? newerFormats(c.req.header('Accept'))
          .map((format) => `image/${format}`)
          .join(',')
      : undefined
    const digest = fingerprint([
      resizeVersion,
      source,
      resize,
      accept ?? '',
      cachebuster,
      ...(auto ? ['auto'] : []),
    ])
    const cacheControl =
      expires === undefined ? forever : `public, max-age=${Math.max(0, Math.floor(expires - now() / 1000))}`
    if (byAccept) c.header('Vary', 'Accept')
    // The picture must not be able to run scripts on this origin.
    c.header('Content-Security-Policy', "default-src 'none'")

    const kept = await storedPicture(digest)
    const { bytes, contentType, etag } =
      kept ?? (await pictures.make(digest, { source, resize, auto, accept, cachebuster }))
    metrics.imgPicture(kept ? 'store' : 'made')
    if (attachment || filename !== undefined)
      c.header('Content-Disposition', disposition(attachment, filename ?? 'picture', contentType))
    const headers = { ETag: etag, 'Cache-Control': cacheControl }
    if (isKnown(c.req.header('If-None-Match'), etag)) return c.body(null, 304, headers)
    return c.body(bytes as Uint8Array<ArrayBuffer>, 200, { ...headers, 'Content-Type': contentType })
  })

  return app

  /** What a power cut has damaged is made again. */
  async function storedPicture(digest: string) {
    const { bucket, key } = layout.signedPicture(digest)
    try {
      const { body, contentType, metadata, etag } = await deps.store.get(bucket, key)
      const bytes = await wholeBody(body)
      const isWhole = metadata.etag === undefined || metadata.etag === entityTagOf(bytes)
      return isWhole ? { bytes, contentType, etag: metadata.etag ?? etag } : undefined
    } catch (error) {
      if (error instanceof ObjectNotFound || error instanceof ObjectDamaged) return undefined
      throw error
    }
  }
}

/** RFC 6266, with the name in UTF-8 (RFC 8187) and, for older clients, without characters that could end it. */
function disposition(attachment: boolean, filename: string, contentType = ''): string {
  const name = `${filename}.${layout.extensionOf(contentType.replace('image/', ''))}`.toWellFormed()
  const plain = name.replace(/[^\w. -]/g, '_')
  const any = encodeURIComponent(name).replace(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`)
  return `${attachment ? 'attachment' : 'inline'}; filename="${plain}"; filename*=UTF-8''${any}`
}

/** The raw path: the signature covers the characters as sent, not what they decode to. */
function rawParts(c: Context): { signature: string; path: string } {
  const [, signature = '', path = ''] = /^\/img\/([^/]+)(\/.+)$/.exec(new URL(c.req.url).pathname) ?? []
  return { signature, path }
}

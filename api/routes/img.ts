/** `GET /img/SIGNATURE/OPTIONS/SOURCE`: pictures made when they are first asked for, by addresses that imgproxy's users know. */
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
import { fingerprint } from '../jobs/idempotency.ts'
import type { ApiMetrics } from '../metrics.ts'
import { Problem } from '../problems.ts'

/** The address names all that makes the picture: it never changes (RFC 8246). */
const forever = 'public, max-age=31536000, immutable'

export function imgRoutes(
  deps: ApiDependencies,
  { metrics, pictures }: { metrics: ApiMetrics; pictures: PictureMaker },
) {
  const app = new Hono<ApiEnv>()
  const now = deps.now ?? Date.now

  app.get('/img/:signature/:path{.+}', async (c) => {
    const key = deps.img?.key
    if (!key) throw new Problem('not_found', 'Signed addresses are not switched on here: IMG_KEY is not set.')
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
    const accept = byAccept ? newerFormats(c.req.header('Accept')) : undefined
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
    // Nothing that can run in the page's place.
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

/** RFC 6266; the name in any letters as in RFC 8187, and without those that could end it for older clients. */
function disposition(attachment: boolean, filename: string, contentType = ''): string {
  const name = `${filename}.${layout.extensionOf(contentType.replace('image/', ''))}`.toWellFormed()
  const plain = name.replace(/[^\w. -]/g, '_')
  const any = encodeURIComponent(name).replace(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`)
  return `${attachment ? 'attachment' : 'inline'}; filename="${plain}"; filename*=UTF-8''${any}`
}

/** As they were sent: what was signed are these letters, not what they decode to. */
function rawParts(c: Context): { signature: string; path: string } {
  const [, signature = '', path = ''] = /^\/img\/([^/]+)(\/.+)$/.exec(new URL(c.req.url).pathname) ?? []
  return { signature, path }
}

/** All of `Accept` that makes a difference: otherwise every browser would have pictures of its own in the cache. */
const newerFormats = (accept = '') =>
  ['image/avif', 'image/webp']
    .filter((type) => accept.includes(type) && !accept.includes(`${type};q=0,`))
    .join(',')

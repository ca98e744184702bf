import { createHash } from 'node:crypto'

/** A strong entity tag (RFC 9110, section 8.8.3) of a body, quotes included. */
export const entityTag = (body: string) =>
  `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`

/** `If-None-Match` (RFC 9110, section 13.1.2): whether the caller already has this representation. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  const opaque = etag.replace(/^W\//, '')
  return ifNoneMatch
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
    .some((tag) => tag === '*' || tag === opaque)
}

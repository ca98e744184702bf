/** Signed links, each good for one action until it expires: upload a picture, fetch a result, delete a job, decode payloads. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { Problem } from '../problems.ts'

export interface LinkedCall {
  method: string
  /** Path of the URL, without the query. */
  path: string
  /** The tenant on whose behalf the link acts. */
  tenant: string
}

/** The only calls that accept a signature. */
const linkable = [
  /^POST \/v1\/uploads$/,
  /^GET \/v1\/jobs\/[a-z0-9-]+\/result$/,
  /^DELETE \/v1\/jobs\/[a-z0-9-]+$/,
]

const mac = (key: string, { method, path, tenant }: LinkedCall, expires: number) =>
  createHmac('sha256', Buffer.from(key, 'hex'))
    .update(JSON.stringify([method, path, tenant, expires]))
    .digest()

/** @param expires Unix time, seconds */
export function signLink(key: string, call: LinkedCall, expires: number): string {
  const signature = mac(key, call, expires).toString('base64url')
  return `${call.path}?${new URLSearchParams({ for: call.tenant, expires: String(expires), signature })}`
}

/** The codec server's URL for the Temporal Web UI, which appends `/decode` and cannot send an API key. */
const codecLink = /^\/codec\/link\/([^/]+)\/(\d{1,12})\/([\w-]+)\/(?:decode|encode)$/
const codecCall = { method: 'POST', path: '/codec' }

/** @param expires Unix time, seconds */
export function signCodecLink(key: string, tenant: string, expires: number): string {
  const signature = mac(key, { ...codecCall, tenant }, expires).toString('base64url')
  return `${codecCall.path}/link/${tenant}/${expires}/${signature}`
}

export const isCodecLink = (path: string): boolean => codecLink.test(path)

/** The path for logs, without what would let their readers use the link. */
export const withoutSignature = (path: string): string =>
  path.replace(/^(\/codec\/link\/[^/]+\/[^/]+\/)[^/]+/, '$1…')

// HEAD is GET without the body.
const asSigned = (method: string) => (method === 'HEAD' ? 'GET' : method)

/** Whether such a call accepts a signature; elsewhere `signature` is an ordinary parameter. */
export const isLinkable = (method: string, path: string): boolean =>
  linkable.some((one) => one.test(`${asSigned(method)} ${path}`))

/**
 * The tenant on whose behalf a signed call is made; `undefined` for a call that is not signed.
 * @throws {Problem} `invalid_signature`, `link_expired`
 */
export function readLink(
  key: string | undefined,
  { method, path }: Omit<LinkedCall, 'tenant'>,
  query: Readonly<Record<string, string | undefined>>,
  now: number,
): string | undefined {
  const inPath = codecLink.exec(path)
  const [, byPath, endsBy, signedBy] = inPath ?? []
  const {
    for: tenant = '',
    expires: until = '',
    signature,
  } = inPath ? { for: byPath, expires: endsBy, signature: signedBy } : query
  if (signature === undefined || !(inPath || isLinkable(method, path))) return undefined
  const call = { ...(inPath ? codecCall : { method: asSigned(method), path }), tenant }
  const expires = Number(until)
  const sent = Buffer.from(signature, 'base64url')
  const right = key !== undefined && /^\d{1,12}$/.test(until) && mac(key, call, expires)
  if (!right || sent.length !== right.length || !timingSafeEqual(sent, right))
    throw new Problem('invalid_signature', 'This link is not valid: POST /v1/links did not sign it.')
  if (expires * 1000 < now) throw new Problem('link_expired', 'This link has expired.')
  return tenant
}

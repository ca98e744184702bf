/** Links that do one thing for whoever holds them, for a while: hand in a picture, fetch a result, delete a job, decode payloads. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { Problem } from '../problems.ts'

export interface LinkedCall {
  method: string
  /** Of the address, without query. */
  path: string
  /** On whose behalf. */
  tenant: string
}

/** Where such links may lead: nothing else of the API takes a signature. */
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

/** The codec server's address for the Temporal Web UI, which puts `/decode` behind it and can send no API key. */
const codecLink = /^\/codec\/link\/([^/]+)\/(\d{1,12})\/([\w-]+)\/(?:decode|encode)$/
const codecCall = { method: 'POST', path: '/codec' }

/** @param expires Unix time, seconds */
export function signCodecLink(key: string, tenant: string, expires: number): string {
  const signature = mac(key, { ...codecCall, tenant }, expires).toString('base64url')
  return `${codecCall.path}/link/${tenant}/${expires}/${signature}`
}

export const isCodecLink = (path: string): boolean => codecLink.test(path)

/** A path as it may stand in a log: others read those. */
export const withoutSignature = (path: string): string =>
  path.replace(/^(\/codec\/link\/[^/]+\/[^/]+\/)[^/]+/, '$1…')

// A HEAD is the GET without its body.
const asSigned = (method: string) => (method === 'HEAD' ? 'GET' : method)

/** Whether a signature counts for such a call; elsewhere it is a parameter like any other. */
export const isLinkable = (method: string, path: string): boolean =>
  linkable.some((one) => one.test(`${asSigned(method)} ${path}`))

/**
 * On whose behalf a signed call is made; `undefined` for a call that is not signed.
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
    throw new Problem('invalid_signature', 'This link is not valid: it is not what POST /v1/links signed.')
  if (expires * 1000 < now) throw new Problem('link_expired', 'This link has expired.')
  return tenant
}

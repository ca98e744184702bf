/** API keys as `API_KEYS` lists them: whose each is, what it opens, how much of it. Only their SHA-256 is kept. */
import { createHash, randomBytes } from 'node:crypto'

/** `submit`: start, cancel, replay and delete own jobs; `read`: look at own jobs; `operate`: everybody's, and what costs money. */
export const scopes = ['submit', 'read', 'operate'] as const
export type Scope = (typeof scopes)[number]

export interface KeyLimits {
  /** Requests within so many seconds. */
  rate?: { requests: number; seconds: number }
  /** Of one request's body. */
  bytes?: number
  /** Jobs that are queued or running. */
  jobs?: number
}

export interface ApiKey {
  /** Whose it is: keys of one name see the same jobs, so that a key can be replaced. Of a key without one: its fingerprint. */
  tenant: string
  scopes: readonly Scope[]
  limits: KeyLimits
  /** SHA-256 of the key, hex. */
  digest: string
}

const digestOf = (key: string) => createHash('sha256').update(key).digest('hex')

/** 128 bits of a digest: enough to tell keys apart, and no way back to one. */
export const fingerprintOf = (digest: string) => digest.slice(0, 32)

/** Shorter than a fingerprint, so that none can be taken for one. */
const name = '[a-z0-9][a-z0-9._-]{0,30}'
const scopeList = `(?:${scopes.join('|')})(?:\\+(?:${scopes.join('|')}))*`
const limit = '(?:rate=\\d{1,6}/[smh]|bytes=\\d{1,12}(?:[KMG]i?B)?|jobs=\\d{1,6})'
const named = new RegExp(`^(${name}):(${scopeList})(?::(${limit}(?:\\+${limit})*))?:([\\x21-\\x7e]+)$`)
/** What jobs without a key are listed by: a key of this name would see them. */
const reserved = new Set(['anonymous'])
const hashed = /^sha256:([0-9a-f]{64})$/i

/**
 * `KEY`, which may do everything, or `NAME:SCOPES:KEY`, or `NAME:SCOPES:LIMITS:KEY`. The key itself is at least 16
 * printable characters, or `sha256:` and its digest in hexadecimal digits.
 * @example parseApiKey('ada:submit+read:rate=10/s+jobs=50+bytes=5MiB:sha256:9f86d0…')
 * @returns `undefined` for what is none of these
 */
export function parseApiKey(text: string): ApiKey | undefined {
  const [, tenant, scopeText, limitText, own] = named.exec(text) ?? []
  const secret = own ?? text
  const digest = hashed.exec(secret)?.[1]?.toLowerCase() ?? plainDigest(secret)
  if (digest === undefined || reserved.has(tenant ?? '')) return undefined
  if (tenant === undefined) return { tenant: fingerprintOf(digest), scopes, limits: {}, digest }
  const limits = limitsOf(limitText)
  // A key that may never ask for anything is a slip.
  if (limits.rate?.requests === 0) return undefined
  return { tenant, scopes: scopes.filter((scope) => scopeText?.split('+').includes(scope)), limits, digest }
}

const plainDigest = (secret: string) => (/^[\x21-\x7e]{16,}$/.test(secret) ? digestOf(secret) : undefined)

const seconds = { s: 1, m: 60, h: 3_600 }
const units: Record<string, number> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }

function limitsOf(text: string | undefined): KeyLimits {
  const limits: KeyLimits = {}
  for (const part of text?.split('+') ?? []) {
    const [what, value = ''] = part.split('=')
    const amount = Number.parseInt(value, 10)
    if (what === 'rate')
      limits.rate = { requests: amount, seconds: seconds[value.at(-1) as keyof typeof seconds] }
    if (what === 'bytes') limits.bytes = amount * (units[value.replace(/[^KMG]/g, '')] ?? 1)
    if (what === 'jobs') limits.jobs = amount
  }
  return limits
}

/** The keys that stand in `API_KEYS` as they are: for a log, which is to leave them out. */
export function plainKeys(list: string): string[] {
  return list
    .split(',')
    .map((entry) => named.exec(entry.trim())?.[4] ?? entry.trim())
    .filter((secret) => secret !== '' && !hashed.test(secret))
}

/** A new key, 192 bits of chance behind a mark by which scanners and logs know it, and its digest. */
export function newApiKey(): { key: string; digest: string } {
  const key = `mmk_${randomBytes(24).toString('base64url')}`
  return { key, digest: digestOf(key) }
}

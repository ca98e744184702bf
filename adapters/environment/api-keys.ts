/** API keys as `API_KEYS` lists them: whose each is, what it opens, how much of it. Only their SHA-256 is kept. */
import { createHash, randomBytes } from 'node:crypto'
import { EntryFault } from './entry-fault.ts'

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
  /** Tile libraries that it is for. Absent: all. */
  libraries?: string[]
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
const name = /^[a-z0-9][a-z0-9._-]{0,30}$/
const limit = /^(rate=\d{1,6}\/[smh]|bytes=\d{1,12}([KMG]i?B)?|jobs=\d{1,6}|library=[a-z0-9][a-z0-9-]{0,62})$/
/** What jobs without a key are listed by: a key of this name would see them. */
const reserved = new Set(['anonymous'])
const hashed = /^sha256:([0-9a-f]{64})$/i
/** What stands before the key, and the key: it has no colon of its own, or a slip of the pen would be one. */
const parts = /^(?:(.*?):)??(sha256:[^:]*|[^:]*)$/s

/**
 * `KEY`, which may do everything, or `NAME:SCOPES:KEY`, or `NAME:SCOPES:LIMITS:KEY`. The key itself is at least 16
 * printable characters without a colon, or `sha256:` and its digest in hexadecimal digits.
 * @example parseApiKey('ada:submit+read:rate=10/s+jobs=50+bytes=5MiB:sha256:9f86d0…')
 * @throws {EntryFault} for what is none of these
 */
export function parseApiKey(text: string): ApiKey {
  const [, before, secret = ''] = parts.exec(text) ?? []
  const digest = hashed.exec(secret)?.[1]?.toLowerCase() ?? plainDigest(secret)
  if (before === undefined) return { tenant: fingerprintOf(digest), scopes, limits: {}, digest }
  const [tenant = '', scopeText = '', limitText, ...more] = before.split(':')
  if (scopeText === '' || more.length > 0)
    throw new EntryFault(`one of ${before.split(':').length + 1} parts, or a key with a colon`)
  if (!name.test(tenant)) throw new EntryFault('one with a name of other letters, or a longer one')
  if (reserved.has(tenant))
    throw new EntryFault(`one with the name ${tenant}, which stands for callers without a key`)
  const [named, limits] = [scopesOf(scopeText), limitsOf(limitText)]
  if (limits.libraries && named.includes('operate'))
    throw new EntryFault('one with operate, which is about all libraries, and a library')
  return { tenant, scopes: named, limits, digest }
}

function plainDigest(secret: string): string {
  if (/^[\x21-\x39\x3b-\x7e]{16,}$/.test(secret)) return digestOf(secret)
  throw new EntryFault('one whose key is shorter, has other characters or is no digest')
}

function scopesOf(text: string): Scope[] {
  const named = text.split('+')
  if (!named.every((one) => (scopes as readonly string[]).includes(one)))
    throw new EntryFault('one with another scope')
  return scopes.filter((scope) => named.includes(scope))
}

const seconds = { s: 1, m: 60, h: 3_600 }
const units: Record<string, number> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }

function limitsOf(text: string | undefined): KeyLimits {
  const limits: KeyLimits = {}
  for (const part of text?.split('+') ?? []) {
    const [what, value = ''] = part.split('=')
    const amount = Number.parseInt(value, 10)
    // A key that may never ask for anything is a slip.
    if (!limit.test(part) || (what === 'rate' && amount === 0))
      // Only what was meant as a limit is shown: anything else might be the key.
      throw new EntryFault(
        /^(rate|bytes|jobs|library)=/.test(part) ? `one with the limit ${part}` : 'one with another limit',
      )
    if (what === 'rate')
      limits.rate = { requests: amount, seconds: seconds[value.at(-1) as keyof typeof seconds] }
    if (what === 'bytes') limits.bytes = amount * (units[value.replace(/[^KMG]/g, '')] ?? 1)
    if (what === 'jobs') limits.jobs = amount
    if (what === 'library') limits.libraries = [...(limits.libraries ?? []), value]
  }
  return limits
}

/** The keys that stand in `API_KEYS` as they are: for a log, which is to leave them out. */
export function plainKeys(list: string): string[] {
  return list
    .split(',')
    .map((entry) => parts.exec(entry.trim())?.[2] ?? '')
    .filter((secret) => secret !== '' && !hashed.test(secret))
}

/** A new key, 192 bits of chance behind a mark by which scanners and logs know it, and its digest. */
export function newApiKey(): { key: string; digest: string } {
  const key = `mmk_${randomBytes(24).toString('base64url')}`
  return { key, digest: digestOf(key) }
}

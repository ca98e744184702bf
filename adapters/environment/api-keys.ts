/** API keys from `API_KEYS`: owner, scopes and limits of each. Only their SHA-256 is kept. */
import { createHash, randomBytes } from 'node:crypto'
import { EntryFault } from './entry-fault.ts'

/** `submit`: start, cancel, replay and delete own jobs; `read`: read own jobs; `operate`: all jobs, and calls that cost money. */
export const scopes = ['submit', 'read', 'operate'] as const
export type Scope = (typeof scopes)[number]

export interface KeyLimits {
  /** Requests per this many seconds. */
  rate?: { requests: number; seconds: number }
  /** Maximum size of a request's body. */
  bytes?: number
  /** Queued and running jobs. */
  jobs?: number
  /** Tile libraries that it may use. Absent: all. */
  libraries?: string[]
}

export interface ApiKey {
  /** Owner. Keys with the same name see the same jobs, so that keys can be rotated. For a key without a name: its fingerprint. */
  tenant: string
  scopes: readonly Scope[]
  limits: KeyLimits
  /** SHA-256 of the key, hex. */
  digest: string
}

const digestOf = (key: string) => createHash('sha256').update(key).digest('hex')

/** 128 bits of the digest: enough to tell keys apart, and irreversible. */
export const fingerprintOf = (digest: string) => digest.slice(0, 32)

/** Shorter than a fingerprint, so that the two cannot be confused. */
const name = /^[a-z0-9][a-z0-9._-]{0,30}$/
const limit = /^(rate=\d{1,6}\/[smh]|bytes=\d{1,12}([KMG]i?B)?|jobs=\d{1,6}|library=[a-z0-9][a-z0-9-]{0,62})$/
/** The owner of jobs started without a key: a key with this name would see them. */
const reserved = new Set(['anonymous'])
const hashed = /^sha256:([0-9a-f]{64})$/i
/** Everything before the key, and the key. Keys must not contain a colon, so that a typing error cannot become part of one. */
const parts = /^(?:(.*?):)??(sha256:[^:]*|[^:]*)$/s

/**
 * Parses `KEY`, which has all scopes, `NAME:SCOPES:KEY` or `NAME:SCOPES:LIMITS:KEY`. The key itself is at least 16 printable
 * characters without a colon, or `sha256:` and its digest in hex.
 * @example parseApiKey('ada:submit+read:rate=10/s+jobs=50+bytes=5MiB:sha256:9f86d0…')
 * @throws {EntryFault} for anything else
 */
export function parseApiKey(text: string): ApiKey {
  const [, before, secret = ''] = parts.exec(text) ?? []
  const digest = hashed.exec(secret)?.[1]?.toLowerCase() ?? plainDigest(secret)
  if (before === undefined) return { tenant: fingerprintOf(digest), scopes, limits: {}, digest }
  const [tenant = '', scopeText = '', limitText, ...more] = before.split(':')
  if (scopeText === '' || more.length > 0)
    throw new EntryFault(`${before.split(':').length + 1} parts, or a key with a colon`)
  if (!name.test(tenant)) throw new EntryFault('a name with other characters, or a longer one')
  if (reserved.has(tenant))
    throw new EntryFault(`the name ${tenant}, which is reserved for callers without a key`)
  const [named, limits] = [scopesOf(scopeText), limitsOf(limitText)]
  if (limits.libraries && named.includes('operate'))
    throw new EntryFault('a library together with operate, which applies to all libraries')
  return { tenant, scopes: named, limits, digest }
}

function plainDigest(secret: string): string {
  if (/^[\x21-\x39\x3b-\x7e]{16,}$/.test(secret)) return digestOf(secret)
  throw new EntryFault('a KEY that is shorter, has other characters or is no digest')
}

function scopesOf(text: string): Scope[] {
  const named = text.split('+')
  if (!named.every((one) => (scopes as readonly string[]).includes(one)))
    throw new EntryFault('an unknown scope')
  return scopes.filter((scope) => named.includes(scope))
}

const seconds = { s: 1, m: 60, h: 3_600 }
const units: Record<string, number> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }

function limitsOf(text: string | undefined): KeyLimits {
  const limits: KeyLimits = {}
  for (const part of text?.split('+') ?? []) {
    const [what, value = ''] = part.split('=')
    const amount = Number.parseInt(value, 10)
    // A key that may never call anything is a mistake.
    if (!limit.test(part) || (what === 'rate' && amount === 0))
      // Shown only if it was meant as a limit: anything else might be the key.
      throw new EntryFault(
        /^(rate|bytes|jobs|library)=/.test(part) ? `the limit ${part}` : 'an unknown limit',
      )
    if (what === 'rate')
      limits.rate = { requests: amount, seconds: seconds[value.at(-1) as keyof typeof seconds] }
    if (what === 'bytes') limits.bytes = amount * (units[value.replace(/[^KMG]/g, '')] ?? 1)
    if (what === 'jobs') limits.jobs = amount
    if (what === 'library') limits.libraries = [...(limits.libraries ?? []), value]
  }
  return limits
}

/** Keys that are in `API_KEYS` in plain text, for the log to redact. */
export function plainKeys(list: string): string[] {
  return list
    .split(',')
    .map((entry) => parts.exec(entry.trim())?.[2] ?? '')
    .filter((secret) => secret !== '' && !hashed.test(secret))
}

/** Generates a key of 192 random bits, with a prefix by which scanners and logs recognise it, and its digest. */
export function newApiKey(): { key: string; digest: string } {
  const key = `mmk_${randomBytes(24).toString('base64url')}`
  return { key, digest: digestOf(key) }
}

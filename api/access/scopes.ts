/** The scope that each call requires: the only place where that is decided. */
import type { Scope } from '../../adapters/environment.ts'
import { Problem } from '../problems.ts'
import type { Tenant } from './tenant.ts'

/** Calls that cost the operator money, or concern everybody. */
const operators = [
  /^\/v1\/(collectors|listeners|deletions|spending|moderation|blocked|queues|inboxes)(\/|$)/,
  /^\/v1\/jobs\/[^/]+\/publish$/,
  /^\/v1\/tiles\/[^/]+\/authors\//,
  /^\/admin(\/|$)/,
  /^\/codec\//,
]

/** Requests with a body that store nothing. */
const looks = /^\/v1\/(previews|tiles\/[^/]+\/(sheet|print))$/

export function scopeFor(method: string, path: string): Scope {
  if (operators.some((one) => one.test(path))) return 'operate'
  return isRead(method) || looks.test(path) ? 'read' : 'submit'
}

export const isRead = (method: string) => method === 'GET' || method === 'HEAD' || method === 'OPTIONS'

/** @throws {Problem} `insufficient_scope` (RFC 6750, section 3.1) */
export function requireScope({ scopes }: Pick<Tenant, 'scopes'>, scope: Scope): void {
  if (scopes.includes(scope)) return
  throw new Problem('insufficient_scope', `This requires an API key with the scope ${scope}.`, {
    headers: { 'WWW-Authenticate': `Bearer realm="mosaicme", error="insufficient_scope", scope="${scope}"` },
  })
}

/** Zod's issues as problem details: where, what was expected, what was received. */
import type { z } from '@hono/zod-openapi'
import { Problem, type ProblemDetail } from './problems.ts'

type Target = 'json' | 'query' | 'param' | 'header' | 'form' | 'cookie'

/** Hook for `OpenAPIHono`: called when a request does not match its route's schema. */
export function rejectInvalid(
  result: { target: Target } & ({ success: true } | { success: false; error: z.ZodError; data?: unknown }),
): void {
  if (!result.success) throw invalidRequest(result.error, result.data, result.target)
}

/** Parses values other than a JSON body, with the same problems. */
export async function parse<T>(schema: z.ZodType<T>, value: unknown, under = ''): Promise<T> {
  const parsed = await schema.safeParseAsync(value)
  if (!parsed.success) throw invalidRequest(parsed.error, value, 'json', under)
  return parsed.data
}

function invalidRequest(error: z.ZodError, received: unknown, target: Target, under = ''): Problem {
  // Zod reports 1e99 both as no safe integer and as too large. Keep one fault per place, the schema's own message.
  const byPlace = new Map<string, ProblemDetail>()
  for (const issue of error.issues)
    for (const detail of details(issue, received, target, under)) {
      byPlace.delete(detail.pointer)
      byPlace.set(detail.pointer, detail)
    }
  const errors = [...byPlace.values()]
  const [first, ...more] = errors
  const detail = `${first?.pointer || 'The body'}: ${first?.detail}${more.length > 0 ? ` (and ${more.length} more)` : ''}`
  return new Problem('invalid_request', detail, { errors: errors.slice(0, shownAtMost) })
}

/** Limits the response: a body may have a hundred thousand wrong names. */
const shownAtMost = 50

function details(issue: z.core.$ZodIssue, received: unknown, target: Target, under: string): ProblemDetail[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      pointer: pointer([...issue.path, key], target, under),
      detail: 'Unknown field.',
    }))
  const value = at(received, issue.path)
  const shown = issue.code === 'custom' ? undefined : show(value)
  return [
    {
      pointer: pointer(issue.path, target, under),
      detail: shown === undefined ? expectation(issue) : `${expectation(issue)}; received ${shown}`,
    },
  ]
}

const unitOf: Record<string, string> = { string: ' characters', array: ' entries' }
const wordOf: Record<string, string> = {
  int: 'a whole number',
  array: 'a list',
  object: 'an object',
  boolean: 'true or false',
}

/** Rewords Zod's messages, which are for programmers; messages from the schemas stay. */
function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return `Expected ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${unitOf[issue.origin] ?? ''}`
    case 'too_big':
      return `Expected ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${unitOf[issue.origin] ?? ''}`
    case 'invalid_type':
      return `Expected ${wordOf[issue.expected] ?? `a ${issue.expected}`}`
    case 'invalid_value':
      return `Expected ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`
    default:
      return issue.message
  }
}

/** RFC 6901, section 3: `~` and `/` are escaped. Query parameters and headers are not in a JSON document. */
function pointer(path: readonly PropertyKey[], target: Target, under: string): string {
  if (target === 'query') return `?${path.join('.')}`
  if (target === 'header') return `${String(path[0])}:`
  return under + path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  )
}

const longest = 60

/** Shows a value as JSON; long ones are cut, since they may contain a picture. */
function show(value: unknown): string | undefined {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return undefined
  const json = JSON.stringify(typeof value === 'string' ? value.slice(0, longest) : value)
  return typeof value === 'string' && value.length > longest ? `${json.slice(0, -1)}…"` : json
}

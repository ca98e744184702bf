/** Parsing of `API_KEYS`, and what is kept of a key. */
import { createHash } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { newApiKey, parseApiKey, plainKeys } from '../../adapters/environment/api-keys.ts'
import { loadEnvironment } from '../../adapters/environment.ts'
import { keysCommand } from '../../cli/commands/keys.ts'

const secret = 'mmk_0123456789abcdef'
const digest = createHash('sha256').update(secret).digest('hex')

describe('a key in API_KEYS', () => {
  it.each([
    ['alone may do everything', secret, { scopes: ['submit', 'read', 'operate'], limits: {} }],
    [
      'with its name and scopes',
      `ada:submit+read:${secret}`,
      { tenant: 'ada', scopes: ['submit', 'read'], limits: {} },
    ],
    ['in any order of scopes', `ada:read+submit:${secret}`, { scopes: ['submit', 'read'] }],
    ['as its digest', `ada:read:sha256:${digest}`, { tenant: 'ada', scopes: ['read'] }],
    ['as a digest alone', `sha256:${digest.toUpperCase()}`, { scopes: ['submit', 'read', 'operate'] }],
    [
      'with limits',
      `bob.2:submit:rate=90/m+jobs=5+bytes=2MiB:${secret}`,
      { tenant: 'bob.2', limits: { rate: { requests: 90, seconds: 60 }, jobs: 5, bytes: 2 * 2 ** 20 } },
    ],
    [
      'for some tile libraries',
      `bob:submit:jobs=5+library=faces+library=clouds-2:${secret}`,
      { tenant: 'bob', limits: { jobs: 5, libraries: ['faces', 'clouds-2'] } },
    ],
  ])('%s', (_, text, expected) => {
    const key = parseApiKey(text)
    expect(key).toMatchObject({ ...expected, digest })
    expect(JSON.stringify(key)).not.toContain(secret)
  })

  it.each([
    ['too short', 'ada:read:short', /KEY that is shorter/],
    ['too short alone', 'short', /KEY that is shorter/],
    ['half a digest', 'ada:read:sha256:abcdef', /no digest/],
    ['a digest that lacks a digit', `ada:read:sha256:${digest.slice(1)}`, /no digest/],
    ['a digest alone that lacks a digit', `sha256:${digest.slice(1)}`, /no digest/],
    ['a space', 'ada:read:0123456789 abcdef', /other characters/],
    ['the name of those without a key', `anonymous:read:${secret}`, /name anonymous/],
    ['a rate of 0', `ada:read:rate=0/s:${secret}`, /limit rate=0\/s/],
    ['a limit of another unit', `ada:read:rate=10/sec:${secret}`, /limit rate=10\/sec/],
    ['a limit of another unit behind a right one', `ada:read:jobs=5+bytes=5Mb:${secret}`, /limit bytes=5Mb/],
    ['a limit that there is not', `ada:read:speed=10:${secret}`, /unknown limit/],
    ['limits that a comma would part', `ada:read:rate=10/s jobs=5:${secret}`, /limit rate=10\/s jobs=5/],
    ['a library of another name', `ada:read:library=a/b:${secret}`, /limit library=a\/b/],
    ['a library for who operates all', `ada:operate:library=a:${secret}`, /operate/],
    ['another scope', `ada:submit+raed:${secret}`, /unknown scope/],
    ['no scope', `ada::${secret}`, /parts/],
    ['no scope at all', `ada:${secret}`, /2 parts/],
    ['a name of other letters', `Ada:read:${secret}`, /name with other characters/],
    ['a part too many', `ada:read:jobs=5:rate=1/s:${secret}`, /5 parts/],
    ['its parts in another order', `${secret}:read:ada`, /KEY that is shorter/],
  ])('is rejected with %s, and never taken for a key with all scopes', (_, text, reason) => {
    expect(() => parseApiKey(text)).toThrow(reason)
    expect(() => parseApiKey(text)).not.toThrow(secret)
    const start = () => loadEnvironment({ API_KEYS: `${'x'.repeat(16)},${text}` })
    expect(start).toThrow(/API_KEYS: expected KEY, NAME:SCOPES:KEY .* got .* \(entry 2\)$/m)
    expect(start).not.toThrow(secret)
  })

  it('can be in a list, and appears in no error', () => {
    const { apiKeys } = loadEnvironment({ API_KEYS: `ada:read:${secret}, ${'x'.repeat(16)}` })
    expect(apiKeys.map(({ tenant }) => tenant)).toEqual(['ada', expect.stringMatching(/^[0-9a-f]{32}$/)])
    expect(() => loadEnvironment({ API_KEYS: `ada:read:${secret},hush-hush` })).toThrow(/API_KEYS: expected/)
    expect(() => loadEnvironment({ API_KEYS: `ada:read:${secret},hush-hush` })).not.toThrow(/hush|mmk_/)
  })

  it('is known to the log if it is in plain text', () => {
    expect(plainKeys(`ada:read:${secret},bob:read:sha256:${digest}, ${'x'.repeat(16)}`)).toEqual([
      secret,
      'x'.repeat(16),
    ])
  })

  it.each([
    [['ada'], /^ada:submit\+read:sha256:[0-9a-f]{64}$/],
    [
      ['boss', '--scopes', 'read,operate', '--limits', 'jobs=5'],
      /^boss:read\+operate:jobs=5:sha256:[0-9a-f]{64}$/,
    ],
  ])('is created by `mosaicme keys new %s`, with the entry for API_KEYS', async (words, shape) => {
    const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    await keysCommand.parseAsync(['new', ...words, '--json'], { from: 'user' })
    const { key, entry } = JSON.parse(printed.mock.calls[0]![0] as string) as { key: string; entry: string }
    expect(entry).toMatch(shape)
    expect(parseApiKey(entry)?.digest).toBe(createHash('sha256').update(key).digest('hex'))
  })

  it('is generated with 192 bits, different each time', () => {
    const made = Array.from({ length: 10 }, () => newApiKey())
    expect(new Set(made.map(({ key }) => key)).size).toBe(10)
    for (const { key, digest } of made) expect(parseApiKey(`a:read:${key}`)?.digest).toBe(digest)
  })
})

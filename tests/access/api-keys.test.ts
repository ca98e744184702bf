/** How a key is written down in `API_KEYS`, and what is kept of it. */
import { createHash } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { newApiKey, parseApiKey, plainKeys } from '../../adapters/environment/api-keys.ts'
import { loadEnvironment } from '../../adapters/environment.ts'
import { keysCommand } from '../../cli/commands/keys.ts'

const secret = 'mmk_0123456789abcdef'
const digest = createHash('sha256').update(secret).digest('hex')

describe('a key of API_KEYS', () => {
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
  ])('%s', (_, text, expected) => {
    const key = parseApiKey(text)
    expect(key).toMatchObject({ ...expected, digest })
    expect(JSON.stringify(key)).not.toContain(secret)
  })

  it.each([
    ['too short', 'ada:read:short'],
    ['too short alone', 'short'],
    ['half a digest', 'ada:read:sha256:abcdef'],
    ['a space', 'ada:read:0123456789 abcdef'],
    ['the name of those without a key', `anonymous:read:${secret}`],
    ['a rate of nothing', `ada:read:rate=0/s:${secret}`],
  ])('is refused with %s', (_, text) => expect(parseApiKey(text)).toBeUndefined())

  it('is told from one that happens to have colons in it', () => {
    expect(parseApiKey('some:old:key:with:colons')).toMatchObject({ scopes: ['submit', 'read', 'operate'] })
  })

  it('stands in a list, and no error shows it', () => {
    const { apiKeys } = loadEnvironment({ API_KEYS: `ada:read:${secret}, ${'x'.repeat(16)}` })
    expect(apiKeys.map(({ tenant }) => tenant)).toEqual(['ada', expect.stringMatching(/^[0-9a-f]{32}$/)])
    expect(() => loadEnvironment({ API_KEYS: `ada:read:${secret},hush-hush` })).toThrow(/API_KEYS: expected/)
    expect(() => loadEnvironment({ API_KEYS: `ada:read:${secret},hush-hush` })).not.toThrow(/hush|mmk_/)
  })

  it('is known to the log where it stands as it is', () => {
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
  ])('is made by `mosaicme keys new %s`, with what goes into API_KEYS', async (words, shape) => {
    const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    await keysCommand.parseAsync(['new', ...words, '--json'], { from: 'user' })
    const { key, entry } = JSON.parse(printed.mock.calls[0]![0] as string) as { key: string; entry: string }
    expect(entry).toMatch(shape)
    expect(parseApiKey(entry)?.digest).toBe(createHash('sha256').update(key).digest('hex'))
  })

  it('can be made: 192 bits, another one each time', () => {
    const made = Array.from({ length: 10 }, () => newApiKey())
    expect(new Set(made.map(({ key }) => key)).size).toBe(10)
    for (const { key, digest } of made) expect(parseApiKey(`a:read:${key}`)?.digest).toBe(digest)
  })
})

import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readable } from '../../adapters/logger/readable.ts'
import { createLogger, type LoggerOptions } from '../../adapters/logger.ts'

function logger(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = []
  const log = createLogger({
    level: 'info',
    destination: { write: (line) => void lines.push(line) },
    ...options,
  })
  return { log, lines }
}

describe('logger', () => {
  it('writes a line of JSON for each event at or above its level', () => {
    const { log, lines } = logger({ name: 'api' })
    log.debug('not this')
    log.info({ job: 'mosaic-1' }, 'job started')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 30, name: 'api', job: 'mosaic-1', msg: 'job started' },
    ])
    expect(logger({ level: 'silent' }).log.isLevelEnabled('fatal')).toBe(false)
  })

  it('logs errors with stack and causes', () => {
    const { log, lines } = logger()
    log.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed')
    expect(JSON.parse(lines[0]!).err.stack).toMatch(/outer[\s\S]*inner/)
  })

  it.each([
    ['a header', { headers: { authorization: 'Bearer hush-hush' } }],
    [
      'a header of a request',
      { req: { headers: { authorization: 'Bearer hush-hush', cookie: 'a=hush-hush' } } },
    ],
    ['an API key', { headers: { 'x-api-key': 'hush-hush' } }],
    ['a field', { password: 'hush-hush', nested: { secret: 'hush-hush', token: 'hush-hush' } }],
    ['an address', { url: 'redis://user:hush-hush@host:6379/0' }],
    ['an address without user', { url: 'redis://:hush-hush@host:6379/0' }],
    ['an error’s message', { err: new Error('connect to https://me:hush-hush@host/ failed') }],
    ['an error’s cause', { err: new Error('x', { cause: new Error('amqp://a:hush-hush@b') }) }],
    ['a presigned link', { link: 'https://s3/x?X-Amz-Credential=hush-hush&X-Amz-Signature=hush-hush&a=1' }],
  ])('shows no secret in %s', (_, fields) => {
    const { log, lines } = logger()
    log.info(fields, 'hello')
    expect(lines[0]).not.toContain('hush-hush')
    expect(JSON.parse(lines[0]!).msg).toBe('hello')
  })

  it('redacts the given values wherever they appear', () => {
    const secrets = ['hush-hush', 'with "quotes" and \\']
    const { log, lines } = logger({ secrets })
    log.info({ deep: { er: ['hush-hush'] }, quoted: secrets[1] }, 'the key is hush-hush')
    log.child({ key: 'hush-hush' }).warn(new Error('hush-hush'))
    for (const line of lines) {
      expect(line).not.toContain('hush-hush')
      expect(line).not.toContain('quotes')
      JSON.parse(line)
    }
    expect(lines).toHaveLength(2)
  })

  it('leaves ordinary URLs alone', () => {
    const { log, lines } = logger()
    log.info({ url: 'https://x.example/@ada/1', mail: 'ada@example.com' }, 'http://127.0.0.1:3000/a@b')
    expect(JSON.parse(lines[0]!)).toMatchObject({
      url: 'https://x.example/@ada/1',
      mail: 'ada@example.com',
      msg: 'http://127.0.0.1:3000/a@b',
    })
  })

  it('is readable on a terminal: time, level, who, what, fields, stack', () => {
    const shown: string[] = []
    const { log } = logger({
      name: 'api',
      destination: readable({ write: (text) => shown.push(stripVTControlCharacters(text)) }),
    })
    log.warn({ job: 'mosaic-1', note: 'two words', n: 3, err: new Error('broken') }, 'slow')
    expect(shown[0]).toMatch(
      /^\d\d:\d\d:\d\d warn {2}api: slow job=mosaic-1 note="two words" n=3\nError: broken\n {4}at /,
    )
  })
})

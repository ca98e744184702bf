import { expect, test } from 'vitest'
import { explain } from '../../cli/explain.ts'
import { Refusal } from '../../cli/refusal.ts'
import { startRedis } from '../servers/redis.ts'
import { run } from './running-copy.ts'
import { scratchFolder } from './scratch.ts'

const commands = [
  'up',
  'worker',
  'mosaic',
  'tiles',
  'submit',
  'get',
  'watch',
  'replay',
  'listen',
  'collect',
  'gallery',
]

test('--help names every command', async () => {
  const help = run(['--help'])
  expect(await help.ended()).toBe(0)
  for (const name of commands) expect(help.output).toMatch(new RegExp(`^  ${name} `, 'm'))
})

test.each(commands)('%s --help has examples', async (name) => {
  const help = run([name, '--help'])
  expect(await help.ended()).toBe(0)
  expect(help.output).toMatch(new RegExp(`^Usage: mosaicme ${name}`))
  // For a command with subcommands, these have them.
  if (!['tiles', 'listen', 'collect', 'gallery'].includes(name))
    expect(help.output).toMatch(new RegExp(`Examples?:.*mosaicme ${name}`, 's'))
})

test('closing the output of help early is not a failure', async () => {
  const help = run(['submit', '--help'])
  help.process.stdout!.destroy()
  expect(await help.ended()).toBe(0)
  expect(help.output).toBe('')
})

test('an unknown command fails and points to the help', async () => {
  const unknown = run(['mosaik'])
  expect(await unknown.ended()).toBe(1)
  expect(unknown.output).toMatch(/unknown command 'mosaik'.*mosaicme --help/s)
})

test('`gallery rebuild` fills Redis from the store', async () => {
  const redis = await startRedis()
  try {
    const rebuild = run(['gallery', 'rebuild', '--json'], {
      DATA_DIR: await scratchFolder(),
      REDIS_URL: redis.url,
    })
    expect(await rebuild.ended()).toBe(0)
    expect(JSON.parse(rebuild.output)).toMatchObject({ entries: 0, unreadable: [] })
  } finally {
    await redis.stop()
  }
})

test('an error is one sentence, with a stack only for debugging', () => {
  const error = new Refusal('port_in_use', 'Expected it to be free.', { cause: new Error('EADDRINUSE') })
  expect(explain(error, {})).toBe('mosaicme: Expected it to be free.')
  expect(explain(error, { LOG_LEVEL: 'debug' })).toMatch(
    /Expected it to be free\.\n\s+at .*caused by Error: EADDRINUSE\n\s+at /s,
  )
})

test('a connection that failed on every address still says why', () => {
  expect(explain(new AggregateError([new Error('connect ECONNREFUSED ::1:3000')]), {})).toContain(
    'ECONNREFUSED ::1:3000',
  )
})

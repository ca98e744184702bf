/** Sudden deaths of mosaicme or of its parts leave nothing behind. */
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { commandLine } from '../../cli/process-identity.ts'
import { expectGone, type RunningCopy, start } from './running-copy.ts'
import { scratchFolder } from './scratch.ts'

const slow = { timeout: 120_000 }
/** For a copy of which only the beginning and the end are looked at. */
const withoutWorkers = ['--queues', 'none']

// A start takes some seconds of CPU, so each one is used for the next failure, too.
test(
  'killed with SIGKILL it leaves nothing running; the next start finds its data, and ends when its server is killed',
  slow,
  async () => {
    const folder = await scratchFolder()
    const first = start({ DATA_DIR: folder })
    const site = await first.ready()
    const answer = await fetch(`${site}/v1/jobs`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Prefer: 'wait=20' },
      body: JSON.stringify({ type: 'resize', width: 8, input: { base64: onePixel } }),
    })
    const job = (await answer.json()) as { id: string; status: string }
    expect(job).toMatchObject({ status: 'succeeded' })
    const { leash, server } = await first.temporal()
    first.process.kill('SIGKILL')
    await expectGone(leash, server)

    const second = start({ DATA_DIR: folder })
    const found = await fetch(`${await second.ready()}/v1/jobs/${job.id}`)
    expect(await found.json()).toMatchObject({ id: job.id, status: 'succeeded' })
    await expectToEndWithTemporal(second, 'server', folder)
  },
)

test(
  'a Temporal server that outlived both mosaicme and its guard is stopped by the next start, which ends when its guard is killed',
  slow,
  async () => {
    const folder = await scratchFolder()
    const first = start({ DATA_DIR: folder }, withoutWorkers)
    await first.ready()
    const { leash, server } = await first.temporal()
    onTestFinished(async () => {
      if (await commandLine(server)) process.kill(server, 'SIGKILL')
    })
    process.kill(leash, 'SIGSTOP') // It must not see its parent go.
    first.process.kill('SIGKILL')
    process.kill(leash, 'SIGKILL')
    await expectGone(first.pid, leash)
    expect(await commandLine(server)).toContain('start-dev')

    const second = start({ DATA_DIR: folder }, withoutWorkers)
    await second.ready()
    expect(second.output).toContain(`left behind (process ${server})`)
    await expectGone(server)
    await expectToEndWithTemporal(second, 'leash', folder)
  },
)

/** If Temporal's server or its guard is killed, it reports that, stops the rest and fails. */
async function expectToEndWithTemporal(copy: RunningCopy, victim: 'server' | 'leash', folder: string) {
  const { leash, server } = await copy.temporal()
  process.kill({ leash, server }[victim], 'SIGKILL')
  expect(await copy.ended()).toBe(1)
  expect(copy.output).toContain(
    `mosaicme: Temporal's server (process ${server}) ended. Its log: ${join(folder, 'logs', 'temporal.log')}`,
  )
  await expectGone(leash, server)
}

test('stopped during its start, it leaves nothing behind', slow, async () => {
  const folder = await scratchFolder()
  const copy = start({ DATA_DIR: folder })
  const starting = async () => (await copy.temporal().catch(() => undefined))?.server
  await expect.poll(starting, { timeout: 30_000, interval: 20 }).toBeTypeOf('number')
  const { leash, server } = await copy.temporal()
  copy.process.kill('SIGTERM')
  expect(await copy.ended()).toBe(0)
  await expectGone(leash, server)
})

/** A PNG of one pixel. */
const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

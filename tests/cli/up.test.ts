import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { temporalAddress } from '../servers/temporal.ts'
import { childrenOf, expectGone, npmStart, start } from './running-copy.ts'
import { scratchFolder } from './scratch.ts'

const slow = { timeout: 120_000 }
/** A PNG. */
const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

test(
  'serves site, API and Temporal’s pages; one Ctrl-C, which npm delivers twice, stops everything in order',
  slow,
  async () => {
    const PAYLOAD_KEYS = `a:${Buffer.alloc(32, 1).toString('base64')}`
    const copy = start({ DATA_DIR: await scratchFolder(), PAYLOAD_KEYS })
    const site = await copy.ready()
    expect((await fetch(`${site}/readyz`)).status).toBe(200)
    expect((await fetch(site)).headers.get('content-type')).toContain('text/html')
    const ui = /Temporal Web UI\s+(\S+)/.exec(copy.output)![1]!
    expect((await fetch(ui)).status).toBe(200)
    // It knows the codec server, and may call it.
    const settings = (await (await fetch(`${ui}/api/v1/settings`)).json()) as { Codec: { Endpoint: string } }
    expect(settings.Codec.Endpoint).toBe(`${site}/codec`)
    const headers = { Origin: new URL(ui).origin, 'Content-Type': 'application/json' }
    const decode = { method: 'POST', headers, body: '{"payloads": []}' }
    const decoded = await fetch(`${settings.Codec.Endpoint}/decode`, decode)
    expect(decoded.headers.get('Access-Control-Allow-Origin')).toBe(headers.Origin)
    expect(await decoded.json()).toEqual({ payloads: [] })

    const { leash, server } = await copy.temporal()
    copy.process.kill('SIGINT')
    copy.process.kill('SIGINT')
    expect(await copy.ended()).toBe(0)
    expect(copy.output).toMatch(/Stopping \(SIGINT\).*Stopped\.\s*$/s)
    expect(copy.output).not.toContain('did not stop')
    await expectGone(leash, server)
  },
)

test('a second copy with the same data directory or port is rejected with a message', slow, async () => {
  const folder = await scratchFolder()
  const first = start({ DATA_DIR: folder })
  const site = await first.ready()

  const sameFolder = start({ DATA_DIR: folder })
  expect(await sameFolder.ended()).toBe(1)
  expect(sameFolder.output).toMatch(
    new RegExp(`mosaicme: Another mosaicme is already using ${folder} \\(process ${first.pid},`),
  )

  const samePort = start({ DATA_DIR: await scratchFolder(), PORT: new URL(site).port })
  expect(await samePort.ended()).toBe(1)
  expect(samePort.output).toMatch(/mosaicme: Port \d+ on 127\.0\.0\.1 is already in use.*set PORT/)

  expect((await fetch(`${site}/readyz`)).status).toBe(200)
  first.process.kill('SIGTERM')
  expect(await first.ended()).toBe(0)
})

test('a signal to npm reaches the program, and npm waits for its end', slow, async () => {
  const npm = npmStart({ DATA_DIR: await scratchFolder() })
  await npm.ready()
  const [copy] = await childrenOf(npm.pid)
  const { leash, server } = await npm.temporal(copy)
  npm.process.kill('SIGTERM')
  expect(await npm.ended()).toBe(0)
  expect(npm.output).toMatch(/Stopped\.\s*$/)
  await expectGone(copy!, leash, server)
})

test('an invalid variable stops the start with its name, what was expected and what was received', async () => {
  const copy = start({ DATA_DIR: await scratchFolder(), PORT: 'eighty', S3_ENDPIONT: 'http://127.0.0.1:1' })
  expect(await copy.ended()).toBe(1)
  expect(copy.output).toMatch(/PORT: expected a port, 0 to 65535, got "eighty"/)
  expect(copy.output).toMatch(/S3_ENDPIONT: expected S3_ENDPOINT instead/)
  expect(copy.output).not.toContain('    at ')
})

test('a configured Temporal port that is taken is reported with its variable', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const port = String((taken.address() as AddressInfo).port)
  const copy = start({ DATA_DIR: await scratchFolder(), TEMPORAL_UI_PORT: port })
  expect(await copy.ended()).toBe(1)
  expect(copy.output).toMatch(
    new RegExp(`Temporal needs port ${port}, which is already in use.*TEMPORAL_UI_PORT`),
  )
})

test(
  'with another Temporal server, none is started; Ctrl-C in `npm start | tee log`, which ends tee first, is an orderly end',
  slow,
  async () => {
    const copy = start({ DATA_DIR: await scratchFolder(), TEMPORAL_ADDRESS: temporalAddress() })
    const site = await copy.ready()
    expect(copy.output).toContain(`of the server at ${temporalAddress()}`)
    await expect(copy.temporal()).rejects.toThrow()
    expect((await fetch(`${site}/readyz`)).status).toBe(200)
    copy.process.stdout!.destroy()
    copy.process.kill('SIGINT')
    expect(await copy.ended()).toBe(0)
    expect(copy.output).not.toContain('EPIPE')
  },
)

test('an unreachable Temporal server is reported with its address', slow, async () => {
  const copy = start({ DATA_DIR: await scratchFolder(), TEMPORAL_ADDRESS: '127.0.0.1:1' })
  expect(await copy.ended()).toBe(1)
  expect(copy.output).toMatch(
    /mosaicme: Could not connect to a Temporal server at 127\.0\.0\.1:1 .*TEMPORAL_ADDRESS/,
  )
})

test('ends in order when its output is closed, as with `npm start | head`', slow, async () => {
  const copy = start({ DATA_DIR: await scratchFolder(), LOG_LEVEL: 'info' })
  const site = await copy.ready()
  const { leash, server } = await copy.temporal()
  copy.process.stdout!.destroy()
  // The log line about it reaches nobody.
  await fetch(`${site}/v1/jobs`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ type: 'resize', width: 1, input: { base64: onePixel } }),
  })
  expect(await copy.ended()).toBe(0)
  expect(copy.output).not.toMatch(/EPIPE|at once|did not stop/)
  await expectGone(leash, server)
})

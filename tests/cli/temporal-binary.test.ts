import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { commandLine } from '../../cli/process-identity.ts'
import { findTemporal, type Installer } from '../../cli/temporal/binary.ts'
import { buildTemporal } from '../../cli/temporal/build.ts'
import { downloadTemporal } from '../../cli/temporal/download.ts'
import { scratchFolder } from './scratch.ts'

/** A program that responds to `--version` like Temporal. */
async function putProgram(path: string, answer = 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)') {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `#!/bin/sh\necho "${answer}"\n`)
  await chmod(path, 0o755)
  return path
}

const nothingWorks: Installer[] = [
  { origin: 'download', install: () => Promise.reject(new Error('no line')) },
  { origin: 'build', install: () => Promise.reject(new Error('Go is not installed')) },
]
const installs = (count: { value: number }, meanwhile = async () => {}): Installer[] => [
  {
    origin: 'download',
    install: async (target) => {
      count.value++
      await meanwhile()
      await putProgram(target)
    },
  },
]

test('the program on PATH comes first', async () => {
  const folder = await scratchFolder()
  const path = await putProgram(join(folder, 'bin', 'temporal'))
  const found = await findTemporal({
    cacheDir: folder,
    env: { PATH: `/nowhere:${dirname(path)}` },
    installers: nothingWorks,
  })
  expect(found).toEqual({ path, origin: 'PATH', server: '1.29.1' })
})

test.each([
  ['too old', 'temporal version 1.0.0 (Server 1.24.2, UI 2.28.0)', '1.24.2 is older than 1.28'],
  ['something else', 'hello', 'not Temporal'],
])('a program on PATH that is %s is ignored with a message', async (_name, answer, reason) => {
  const folder = await scratchFolder()
  const path = await putProgram(join(folder, 'bin', 'temporal'), answer)
  const said: string[] = []
  const found = await findTemporal({
    cacheDir: join(folder, 'cache'),
    env: { PATH: dirname(path) },
    say: (line) => said.push(line),
    installers: installs({ value: 0 }),
  })
  expect(found.origin).toBe('download')
  expect(said.join('\n')).toContain(reason)
})

test('an installed program is found in the cache, without partial files next to it', async () => {
  const cacheDir = await scratchFolder()
  const count = { value: 0 }
  const find = () => findTemporal({ cacheDir, env: { PATH: '' }, installers: installs(count) })
  expect((await find()).origin).toBe('download')
  expect((await find()).origin).toBe('cache')
  expect(count.value).toBe(1)
  expect((await readdir(cacheDir)).sort()).toEqual(['temporal-1.5.1', 'temporal.lock'])
})

test('concurrent installations install once: one waits, and says for whom', async () => {
  const cacheDir = await scratchFolder()
  const count = { value: 0 }
  let otherWaits = () => {}
  const waiting = new Promise<void>((resolve) => {
    otherWaits = resolve
  })
  // The first one installs, but only once the other one waits for it.
  const say = (line: string) => line.includes('is already installing Temporal') && otherWaits()
  const options = { cacheDir, env: { PATH: '' }, installers: installs(count, () => waiting), say }
  const [first, second] = [findTemporal(options), findTemporal(options)]
  expect((await first).path).toBe((await second).path)
  expect(count.value).toBe(1)
})

test('a broken program in the cache is replaced', async () => {
  const cacheDir = await scratchFolder()
  const path = await putProgram(join(cacheDir, 'temporal-1.5.1', 'temporal'))
  await writeFile(path, 'half a download')
  const found = await findTemporal({ cacheDir, env: { PATH: '' }, installers: installs({ value: 0 }) })
  expect(found).toMatchObject({ path, origin: 'download' })
})

test('if nothing works, one message says what was tried and what to do', async () => {
  const cacheDir = await scratchFolder()
  await expect(findTemporal({ cacheDir, env: { PATH: '' }, installers: nothingWorks })).rejects.toMatchObject(
    {
      code: 'temporal_missing',
      message: expect.stringMatching(
        /no line.*Go is not installed.*docs\.temporal\.io.*go\.dev.*TEMPORAL_ADDRESS/s,
      ),
    },
  )
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/temporal.tar.gz`
}

async function packedProgram(): Promise<{ bytes: Buffer; sha256: string }> {
  const folder = await scratchFolder()
  await putProgram(join(folder, 'temporal'))
  await writeFile(join(folder, 'LICENSE'), 'MIT')
  await promisify(execFile)('tar', ['-czf', join(folder, 'a.tar.gz'), '-C', folder, 'LICENSE', 'temporal'])
  const bytes = await readFile(join(folder, 'a.tar.gz'))
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
}

test('the release archive is downloaded, checked and unpacked', async () => {
  const { bytes, sha256 } = await packedProgram()
  const url = await serve((_request, response) => response.end(bytes))
  const target = join(await scratchFolder(), 'temporal')
  await downloadTemporal(target, { archive: { url, sha256 } })
  expect((await promisify(execFile)(target)).stdout).toContain('Server 1.29.1')
})

test('an archive with a wrong checksum is not unpacked', async () => {
  const { bytes } = await packedProgram()
  const url = await serve((_request, response) => response.end(bytes))
  const folder = await scratchFolder()
  const archive = { url, sha256: '0'.repeat(64) }
  await expect(downloadTemporal(join(folder, 'temporal'), { archive })).rejects.toThrow(/SHA-256/)
  expect(await readdir(folder)).toEqual([])
})

test.each<[string, RequestListener]>([
  ['never answers', () => {}],
  [
    'stalls in the middle',
    (_request, response) => {
      response.writeHead(200, { 'Content-Length': '1000000' })
      response.write('a')
    },
  ],
])('a download that %s is soon abandoned', async (_name, listener) => {
  const url = await serve(listener)
  const target = join(await scratchFolder(), 'temporal')
  const patience = { window: 300, leastBytes: 1024 }
  await expect(downloadTemporal(target, { archive: { url, sha256: '' }, patience })).rejects.toThrow(
    /nothing moved/,
  )
})

test('without Go, the build says so', async () => {
  const target = join(await scratchFolder(), 'temporal')
  await expect(buildTemporal(target, { env: { PATH: '/nowhere' } })).rejects.toThrow('Go is not installed')
})

test('a build reports progress, and a failure with the last lines of Go', async () => {
  const folder = await scratchFolder()
  const go = join(folder, 'go')
  await writeFile(go, '#!/bin/sh\n/bin/sleep 0.3\necho "go: module lookup disabled" >&2\nexit 1\n')
  await chmod(go, 0o755)
  const said: string[] = []
  const building = buildTemporal(join(folder, 'temporal'), {
    env: { PATH: folder },
    say: (line) => said.push(line),
    every: 100,
  })
  await expect(building).rejects.toThrow(/ended with 1: go: module lookup disabled/)
  expect(said[0]).toMatch(/about 5 minutes/)
  expect(said[1]).toMatch(/Still building Temporal, \d+ s/)
})

test('an aborted build ends with everything it started', async () => {
  const folder = await scratchFolder()
  const go = join(folder, 'go')
  await writeFile(go, `#!/bin/sh\n/bin/sleep 60 & echo $! > ${folder}/compiler\nwait\n`)
  await chmod(go, 0o755)
  const calledOff = new AbortController()
  const building = buildTemporal(join(folder, 'temporal'), {
    env: { PATH: folder },
    signal: calledOff.signal,
  })
  const compiler = async () => Number(await readFile(join(folder, 'compiler'), 'utf8').catch(() => '0'))
  await expect.poll(compiler).toBeGreaterThan(0)
  calledOff.abort(new Error('called off'))
  await expect(building).rejects.toThrow('called off')
  const pid = await compiler()
  await expect.poll(() => commandLine(pid)).toBe(undefined)
})

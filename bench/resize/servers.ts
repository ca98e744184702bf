/** The servers under load, each a separate process whose peak memory is read from the kernel. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { cpuMs, memoryMb } from '../../tests/processes.ts'

export interface RunningServer {
  name: string
  url: string
  /** CPU time so far, ms, including children that have exited. */
  cpuMs(): number
  /** Peak RSS so far, and current RSS, MB. */
  peakMb(): number
  rssMb(): number
  stop(): Promise<void>
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

interface Start {
  name: string
  command: string[]
  env?: NodeJS.ProcessEnv
  url: string
  /** Path that answers 200 when the server is up. */
  ready: string
  folder: string
}

async function start({ name, command, env, url, ready, folder }: Start): Promise<RunningServer> {
  const [program = '', ...args] = command
  // Into a file, not a pipe: child processes that inherit a pipe, such as thumbor's, would keep the benchmark
  // from exiting.
  const log = openSync(join(folder, `${name}.log`), 'w')
  const stdio = ['ignore' as const, log, log]
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio, detached: true })
  closeSync(log)
  const leave = () => endGroup(child)
  const quit = () => process.exit(1)
  process.once('exit', leave).once('SIGINT', quit).once('SIGTERM', quit)
  for (let tries = 0; ; tries++) {
    const answer = await fetch(url + ready).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok) break
    if (child.exitCode !== null || tries > 600)
      throw new Error(`expected ${name} to start: see ${folder}/${name}.log`)
    await delay(100)
  }
  return {
    name,
    url,
    cpuMs: () => cpuMs(child.pid!),
    peakMb: () => memoryMb(child.pid!, 'VmHWM'),
    rssMb: () => memoryMb(child.pid!, 'VmRSS'),
    async stop() {
      await stop(child)
      leave()
      process.off('exit', leave).off('SIGINT', quit).off('SIGTERM', quit)
    },
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await ended
  clearTimeout(force)
}

/** Kills processes that outlive their parent, which leads a process group. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

export const imgKey = { key: '0123456789abcdef0123456789abcdef', salt: 'abcdef' }

export async function startMosaicme(
  root: string,
  folder: string,
  env: NodeJS.ProcessEnv = {},
): Promise<RunningServer> {
  const port = await freePort()
  return await start({
    name: 'mosaicme',
    command: [process.execPath, join(root, 'scripts', 'mosaicme.mjs'), 'up'],
    env: {
      DATA_DIR: join(folder, 'data'),
      PORT: String(port),
      IMG_KEY: imgKey.key,
      IMG_SALT: imgKey.salt,
      LOG_LEVEL: 'warn',
      ...env,
    },
    url: `http://127.0.0.1:${port}`,
    ready: '/readyz',
    folder,
  })
}

/** Starts `bare-sharp.mjs`. */
export async function startBareSharp(photos: string, folder: string): Promise<RunningServer> {
  const port = await freePort()
  return await start({
    name: 'bare-sharp',
    command: [process.execPath, join(import.meta.dirname, 'bare-sharp.mjs'), photos, String(port)],
    url: `http://127.0.0.1:${port}`,
    ready: '/jpeg/00.jpg',
    folder,
  })
}

export async function startIpx(bin: string, photos: string, folder: string): Promise<RunningServer> {
  const port = await freePort()
  return await start({
    name: 'ipx',
    command: [process.execPath, bin, 'serve', '--dir', photos, '--port', String(port), '--host', '127.0.0.1'],
    url: `http://127.0.0.1:${port}`,
    ready: '/w_16/00.jpg',
    folder,
  })
}

export async function startThumbor(
  bin: string,
  photos: string,
  folder: string,
  processes: number,
): Promise<RunningServer> {
  const port = await freePort()
  await mkdir(folder, { recursive: true })
  const conf = join(folder, 'thumbor.conf')
  const lines = {
    LOADER: "'thumbor.loaders.file_loader'",
    FILE_LOADER_ROOT_PATH: `'${photos}'`,
    STORAGE: "'thumbor.storages.no_storage'",
    ALLOW_UNSAFE_URL: 'True',
    QUALITY: 80,
    ENGINE_THREADPOOL_SIZE: processes,
  }
  await writeFile(
    conf,
    Object.entries(lines)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join(''),
  )
  return await start({
    name: 'thumbor',
    command: [
      bin,
      '--port',
      String(port),
      '--ip',
      '127.0.0.1',
      '--conf',
      conf,
      '--processes',
      String(processes),
    ],
    url: `http://127.0.0.1:${port}`,
    ready: '/unsafe/16x0/00.jpg',
    folder,
  })
}

/** A real Redis for tests, empty and without persistence. */

import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../cli/free-port.ts'
import { firstProgram, run, spawnServer } from './spawned.ts'

export interface RedisServer {
  url: string
  port: number
  /** `SIGKILL`: like a machine failure. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Starts one on a free port of 127.0.0.1, or on a given one: after a `stop`, the same server returns. */
export async function startRedis(options: { port?: number; password?: string } = {}): Promise<RedisServer> {
  const program = await findRedisServer()
  const port = options.port ?? (await freePort())
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-redis-'))
  const { password } = options
  const server = await spawnServer(
    program,
    [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'],
      ...(password === undefined ? [] : ['--requirepass', password]),
    ],
    { ready: () => ping(port) },
  )
  return {
    url: `redis://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`,
    port,
    async stop(signal) {
      await server.stop(signal)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** On PATH, otherwise from the system's packages. */
export async function findRedisServer(say: (line: string) => void = console.error): Promise<string> {
  const names = ['redis-server', 'valkey-server']
  const found = await firstProgram(names)
  if (found !== undefined) return found
  const root = process.getuid?.() === 0
  if (root && (await firstProgram(['apt-get'])) !== undefined) {
    say('Installing redis-server for the tests with apt-get.')
    await run('apt-get', ['update'], { maxBuffer: 64 * 1024 * 1024 })
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      maxBuffer: 64 * 1024 * 1024,
    })
  } else if (!root && (await firstProgram(['brew'])) !== undefined) {
    say('Installing redis for the tests with brew.')
    await run('brew', ['install', 'redis'], { maxBuffer: 64 * 1024 * 1024 })
  }
  const installed = await firstProgram(names)
  if (installed !== undefined) return installed
  throw new Error(
    'expected redis-server or valkey-server on PATH for the tests against a real Redis: install one of them',
  )
}

async function ping(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write('PING\r\n')
    const [answer] = await once(socket, 'data')
    // With a password it responds NOAUTH, so it is running.
    if (!/PONG|NOAUTH/.test(String(answer))) throw new Error(`expected PONG, got ${answer}`)
  } finally {
    socket.destroy()
  }
}

/** A real S3 server for tests: versitygw over a folder of its own. */
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort } from '../../cli/free-port.ts'
import { cacheFolder } from '../../cli/package-root.ts'
import { firstProgram, run, spawnServer } from './spawned.ts'

const module = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0'

export interface S3Server {
  endpoint: string
  accessKey: string
  secretKey: string
  /** The disk lacks extended attributes: metadata is in separate files, and a read may mix old and new. */
  sidecar: boolean
  /** `SIGKILL`: like a machine failure. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Starts one on a free port of 127.0.0.1. */
export async function startS3(options: { port?: number; folder?: string } = {}): Promise<S3Server> {
  const program = await findS3Server()
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'mosaicme-s3-')))
  const [accessKey, secretKey] = ['test-access-key', 'test-secret-key']
  const port = options.port ?? (await freePort())
  const endpoint = `http://127.0.0.1:${port}`
  await mkdir(join(folder, 'objects'), { recursive: true })
  await mkdir(join(folder, 'metadata'), { recursive: true })
  const start = (...beside: string[]) =>
    spawnServer(
      program,
      ['--port', `127.0.0.1:${port}`, '--quiet', '--keep-alive', 'posix', ...beside, join(folder, 'objects')],
      {
        env: { ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey },
        ready: () => fetch(endpoint),
      },
    )
  let sidecar = false
  const server = await start().catch((error) => {
    if (!/xattr/i.test(String(error))) throw error
    sidecar = true
    return start('--sidecar', join(folder, 'metadata'))
  })
  return {
    endpoint,
    accessKey,
    secretKey,
    sidecar,
    async stop(signal) {
      await server.stop(signal)
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}

/** On PATH, in Go's folder or in the cache folder; otherwise built there once, in about two minutes. */
export async function findS3Server(say: (line: string) => void = console.error): Promise<string> {
  const cached = join(cacheFolder(), 'versitygw')
  const found = await firstProgram(['versitygw', join(homedir(), 'go', 'bin', 'versitygw'), cached])
  if (found !== undefined) return found
  if ((await firstProgram(['go'])) === undefined) {
    throw new Error(
      `expected versitygw for the tests against a real S3: install Go, or run "go install ${module}" elsewhere and put it on PATH`,
    )
  }
  say(`Building an S3 server for the tests (go install ${module}); about two minutes, once.`)
  await mkdir(dirname(cached), { recursive: true })
  const building = await mkdtemp(join(dirname(cached), 'versitygw-build-'))
  try {
    await run('go', ['install', module], {
      env: { ...process.env, GOBIN: building },
      maxBuffer: 64 * 1024 * 1024,
    })
    await rename(join(building, 'versitygw'), cached)
  } finally {
    await rm(building, { recursive: true, force: true })
  }
  return cached
}

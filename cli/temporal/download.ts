/** Downloads Temporal's official release archive, and checks its published SHA-256. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { chmod, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { EnvHttpProxyAgent, fetch } from 'undici'

const release = 'https://github.com/temporalio/cli/releases/download/v1.5.1'

/** From the release's checksums.txt. Pinned here, because a checksum downloaded with the archive would prove nothing. */
const archives: Record<string, { name: string; sha256: string }> = {
  'linux-x64': {
    name: 'temporal_cli_1.5.1_linux_amd64.tar.gz',
    sha256: 'ddc95e08b0b076efd4ea9733a3f488eb7d2be875f8834e616cd2a37358b4852d',
  },
  'linux-arm64': {
    name: 'temporal_cli_1.5.1_linux_arm64.tar.gz',
    sha256: 'bd1b0db9f18b051026de8bf6cc1505f2510f14bbb7a8b9a4a91fff46c77454f5',
  },
  'darwin-x64': {
    name: 'temporal_cli_1.5.1_darwin_amd64.tar.gz',
    sha256: 'bbb73e2a31135abe50a1f1cdb35030c42961df618e8ce9c60ae89f201540c5d9',
  },
  'darwin-arm64': {
    name: 'temporal_cli_1.5.1_darwin_arm64.tar.gz',
    sha256: 'cca01b7ea35ad56e2a328d9ae596bf716bd22313ef63c7a761c88354457c2415',
  },
}

/**
 * A download may take minutes on a slow line, but one that cannot work must fail soon: in every `window` ms, from the start, at
 * least `leastBytes` must arrive.
 */
const defaultPatience = { window: 8_000, leastBytes: 64 * 1024 }

export interface DownloadOptions {
  env?: NodeJS.ProcessEnv
  say?: (line: string) => void
  signal?: AbortSignal
  /** Instead of the official release, for tests. */
  archive?: { url: string; sha256: string }
  patience?: typeof defaultPatience
}

/** Downloads the program to `target`. @throws if there is no archive for this machine, it stalls, or its checksum is wrong */
export async function downloadTemporal(target: string, options: DownloadOptions = {}): Promise<void> {
  const platform = `${process.platform}-${process.arch}`
  const official = archives[platform]
  const archive =
    options.archive ?? (official && { url: `${release}/${official.name}`, sha256: official.sha256 })
  if (!archive) throw new Error(`there is no checked archive for ${platform}`)

  options.say?.(`Downloading Temporal from ${archive.url}`)
  const packed = `${target}.tar.gz`
  try {
    const sha256 = await fetchTo(packed, archive.url, options.patience ?? defaultPatience, options.signal)
    if (sha256 !== archive.sha256) {
      throw new Error(`expected the archive's SHA-256 to be ${archive.sha256}, got ${sha256}`)
    }
    const folder = dirname(target)
    await promisify(execFile)('tar', ['-xzf', packed, '-C', folder, 'temporal'])
    if (basename(target) !== 'temporal') await rename(join(folder, 'temporal'), target)
    await chmod(target, 0o755)
  } finally {
    await rm(packed, { force: true })
  }
}

/** Streams `url` into a file and returns its SHA-256, hex. */
async function fetchTo(
  file: string,
  url: string,
  patience: typeof defaultPatience,
  outerSignal?: AbortSignal,
): Promise<string> {
  const stalled = new AbortController()
  let bytes = 0
  let bytesBefore = 0
  const watch = setInterval(() => {
    if (bytes - bytesBefore < patience.leastBytes) {
      stalled.abort(new Error(`nothing moved for ${patience.window / 1000} s (${bytes} bytes in all)`))
    }
    bytesBefore = bytes
  }, patience.window)
  const signal = outerSignal ? AbortSignal.any([stalled.signal, outerSignal]) : stalled.signal
  const dispatcher = new EnvHttpProxyAgent()
  try {
    const response = await fetch(url, { signal, dispatcher })
    if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}`)
    const hash = createHash('sha256')
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length
        hash.update(chunk)
        done(null, chunk)
      },
    })
    await pipeline(Readable.fromWeb(response.body), count, createWriteStream(file), { signal })
    return hash.digest('hex')
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const cause = (error as Error).cause
    throw cause instanceof Error ? new Error(cause.message, { cause: error }) : error
  } finally {
    clearInterval(watch)
    // Not close(), which waits for the connection that may be stalled.
    await dispatcher.destroy()
  }
}

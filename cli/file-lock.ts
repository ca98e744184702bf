/**
 * A lock that exists exactly as long as the process that took it.
 *
 * The operating system holds it (`fcntl` OFD locks on Linux, `flock` on macOS, `LockFileEx` on Windows), so it ends with its
 * process, however that ends. A PID file needs guessing instead: the process may be dead, or its PID reused. The file's content
 * is for people; the kernel's lock decides.
 */
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { tryLock } from 'fs-native-extensions'

export interface FileLock {
  /** Replaces the file's description of the holder. */
  describe(holder: object): Promise<void>
  /** A repeat is a no-op. */
  release(): Promise<void>
}

export interface Taken {
  /** What the holder wrote into the file; undefined if it has not yet done so. */
  holder: Record<string, unknown> | undefined
}

/** Takes the lock on the file at `path`, creating it and its folder, or returns its holder. Never waits. */
export async function takeFileLock(path: string): Promise<FileLock | Taken> {
  await mkdir(dirname(path), { recursive: true })
  const file = await open(path, 'a+')
  if (!tryLock(file.fd)) {
    try {
      return { holder: await readHolder(path) }
    } finally {
      await file.close()
    }
  }
  let held = true
  return {
    async describe(holder) {
      await file.truncate(0)
      await file.write(`${JSON.stringify(holder)}\n`)
    },
    async release() {
      if (!held) return
      held = false
      // The file stays: if it were removed, a newcomer could lock a new file while somebody holds a lock on the old one.
      await file.truncate(0)
      await file.close()
    },
  }
}

async function readHolder(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined // The holder has not written its description yet.
  }
}

/**
 * A lock that lives exactly as long as the process that took it.
 *
 * The operating system holds it (`fcntl` OFD locks on Linux, `flock` on macOS, `LockFileEx` on Windows), so it is
 * gone with its process however that ends. A file that merely names a PID needs guessing instead: the PID may be
 * dead, or by now be somebody else's. What the file says is for people; what the kernel says decides.
 */
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { tryLock } from 'fs-native-extensions'

export interface FileLock {
  /** Replaces what the file says about its holder. */
  describe(holder: object): Promise<void>
  /** A repeat is a no-op. */
  release(): Promise<void>
}

export interface Taken {
  /** What the holder wrote into the file; undefined when it did not get to that yet. */
  holder: Record<string, unknown> | undefined
}

/** Takes the lock on the file at `path`, creating it and its folder, or says who has it. Never waits. */
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
      // The file stays: removing it would let a newcomer lock a new file beside somebody's lock on the old one.
      await file.truncate(0)
      await file.close()
    },
  }
}

async function readHolder(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined // The holder has the lock but has not written its name yet.
  }
}

/** Scratch space: temporary folders that are removed when their step ends. */
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

export interface Scratch {
  /** Runs `work` in an empty folder, which is removed afterwards in any case. */
  use<T>(work: (folder: string) => Promise<T>): Promise<T>
}

/**
 * Opens the scratch space under `folder` and removes what killed processes left there. A folder's name contains its process
 * and host, so that processes, and containers sharing a volume, can use the same space.
 */
export async function openScratch(folder: string): Promise<Scratch> {
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(folder)) {
    if (await isLeft(folder, name)) await rm(join(folder, name), { recursive: true, force: true })
  }
  return {
    async use(work) {
      const own = await mkdtemp(join(folder, `${process.pid}@${hostname()}-`))
      try {
        return await work(own)
      } finally {
        await rm(own, { recursive: true, force: true })
      }
    },
  }
}

/** Longer than any step may take: a folder that another host has not touched for this long is abandoned. */
const longestUseMs = 24 * 3600 * 1000

async function isLeft(folder: string, name: string): Promise<boolean> {
  const [, pid, host] = /^(\d+)@(.+)-[^-]*$/.exec(name) ?? []
  if (host === hostname()) return Number(pid) === process.pid || !isAlive(Number(pid))
  const { mtimeMs } = await stat(join(folder, name)).catch(() => ({ mtimeMs: Date.now() }))
  return Date.now() - mtimeMs > longestUseMs
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: the process exists, but belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

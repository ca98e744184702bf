/** Scratch space: folders of this process that end with the step that needed them. */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

export interface Scratch {
  /** Runs `work` in an empty folder that is gone afterwards, whatever happened. */
  use<T>(work: (folder: string) => Promise<T>): Promise<T>
}

/**
 * Opens the scratch space under `folder` and sweeps out what processes left there that were killed.
 * A folder's name starts with the ID of its process, so that processes can share the space.
 */
export async function openScratch(folder: string): Promise<Scratch> {
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(folder)) {
    const pid = Number.parseInt(name, 10)
    if (pid === process.pid || !isAlive(pid)) await rm(join(folder, name), { recursive: true, force: true })
  }
  return {
    async use(work) {
      const own = await mkdtemp(join(folder, `${process.pid}-`))
      try {
        return await work(own)
      } finally {
        await rm(own, { recursive: true, force: true })
      }
    },
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: there is such a process, another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** What a service leaves that has ended: files in its scratch space, processes that it started. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export interface Leftovers {
  files: string[]
  /** Command lines. On Linux alone they can be told by their environment; elsewhere none are found. */
  processes: string[]
}

/** @param mark value of MOSAICME_CHAOS, which every process inherits from the one that started it */
export async function leftovers(mark: string, folders: readonly string[]): Promise<Leftovers> {
  // A child whose parent has ended notices that by itself, in its own time.
  for (let tries = 0; tries < 20 && (await processesOf(mark)).length > 0; tries++) await delay(100)
  const files = await Promise.all(
    folders.map(async (folder) => (await readdir(folder).catch(() => [])).map((name) => join(folder, name))),
  )
  return { files: files.flat(), processes: await processesOf(mark) }
}

async function processesOf(mark: string): Promise<string[]> {
  if (process.platform !== 'linux') return []
  const found: string[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    if (environment.split('\0').includes(`MOSAICME_CHAOS=${mark}`))
      found.push(
        (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ').trim(),
      )
  }
  return found
}

/** What an ended service leaves behind: files in its scratch space, and child processes. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { environmentOf, processes, wordsOf } from '../processes.ts'

export interface Leftovers {
  files: string[]
  /** Command lines. Only Linux identifies them by their environment; elsewhere none are found. */
  processes: string[]
}

/** @param mark value of MOSAICME_CHAOS, which processes inherit */
export async function leftovers(mark: string, folders: readonly string[]): Promise<Leftovers> {
  // A child notices the end of its parent by itself, after a moment.
  for (let tries = 0; tries < 20 && processesOf(mark).length > 0; tries++) await delay(100)
  const files = await Promise.all(
    folders.map(async (folder) => (await readdir(folder).catch(() => [])).map((name) => join(folder, name))),
  )
  return { files: files.flat(), processes: processesOf(mark) }
}

function processesOf(mark: string): string[] {
  if (process.platform !== 'linux') return []
  return processes()
    .filter(({ pid }) => environmentOf(pid).includes(`MOSAICME_CHAOS=${mark}`))
    .map(({ pid }) => wordsOf(pid).join(' '))
}

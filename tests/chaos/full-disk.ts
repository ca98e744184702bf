/** A disk without room: a file system of a few kilobytes over the folder, or, for whoever may not mount, no folder at all. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { run } from '../servers/spawned.ts'

/** @returns what makes room again */
export async function fillDisk(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true })
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', folder])
    // Lazily: a step may hold a file in it for a moment longer.
    return async () => void (await run('umount', ['-l', folder]))
  } catch {
    const away = `${folder}.away`
    await rename(folder, away)
    await writeFile(folder, 'no folder')
    return async () => {
      await rm(folder)
      await rename(away, folder)
    }
  }
}

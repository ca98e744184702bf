/** A full disk: a tiny file system mounted over the folder or, without permission to mount, no folder at all. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { run } from '../servers/spawned.ts'

/** @returns a function that makes room again */
export async function fillDisk(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true })
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', folder])
    // A lazy unmount: a step may keep a file open for a moment.
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

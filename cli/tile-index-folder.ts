import { createHash } from 'node:crypto'
import { access, constants, mkdir, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { refuseFile } from './mosaic-files.ts'

/** Creates the folder of the index; undefined if none is wanted, or the default place is not writable. */
export async function tileIndexFolder({
  index,
  tiles,
}: {
  /** A folder; true: the default one; false: none. */
  index: string | boolean
  tiles: string
}): Promise<string | undefined> {
  if (index === false) return undefined
  if (typeof index === 'string') {
    await mkdir(index, { recursive: true }).catch((cause) => refuseFile('--index', index, cause))
    return index
  }
  const name = createHash('sha256')
    .update(await realpath(tiles).catch(() => resolve(tiles)))
    .digest('hex')
  const usual = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mosaicme', name.slice(0, 32))
  try {
    await mkdir(usual, { recursive: true })
    await access(usual, constants.W_OK)
    return usual
  } catch {
    return undefined
  }
}

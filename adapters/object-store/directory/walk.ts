import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type ByteString, entryOf } from './path.ts'

export interface Found {
  key: ByteString
  path: string
}

interface Wanted {
  prefix: ByteString
  after: ByteString
}

/**
 * Keys under a folder in byte order, reading only the folders that can hold a key that starts with `prefix` and comes
 * after `after`. Objects that disappear meanwhile are left out.
 *
 * A folder is read as a whole, however few of its names are wanted: start as deep as the prefix allows (`pathOfFolder`).
 * @param base the key of `folder`: empty, or ending in `/`
 */
export async function* walk(folder: string, wanted: Wanted, base: ByteString = ''): AsyncGenerator<Found> {
  const entries: { name: string; key: ByteString; folder: boolean }[] = []
  for (const name of await names(folder)) {
    const entry = entryOf(name)
    if (!entry) continue
    const found = { name, key: base + entry.bytes, folder: entry.folder }
    // Filtered before sorting: of a hundred thousand names in a folder, only one may be wanted.
    if (isWanted(found, wanted)) entries.push(found)
  }
  // All keys in a folder start with the folder's, so one sort per folder sorts the whole tree.
  entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : Number(a.folder) - Number(b.folder)))
  for (const { name, folder: isFolder, key } of entries) {
    const path = join(folder, name)
    if (isFolder) yield* walk(path, wanted, key)
    else yield { key, path }
  }
}

function isWanted({ key, folder }: { key: ByteString; folder: boolean }, { prefix, after }: Wanted): boolean {
  if (!folder) return key.startsWith(prefix) && key > after
  return (key.startsWith(prefix) || prefix.startsWith(key)) && (key > after || after.startsWith(key))
}

async function names(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

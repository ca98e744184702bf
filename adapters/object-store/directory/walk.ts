import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type ByteString, entryOf } from './path.ts'

export interface Found {
  key: ByteString
  path: string
}

/**
 * Keys under a folder in the order of their bytes, reading only the folders that can hold a key that starts with
 * `prefix` and comes behind `after`. What disappears while it walks is left out.
 */
export async function* walk(
  folder: string,
  wanted: { prefix: ByteString; after: ByteString },
  base: ByteString = '',
): AsyncGenerator<Found> {
  const entries = (await names(folder))
    .map((name) => ({ name, entry: entryOf(name) }))
    .flatMap(({ name, entry }) => (entry === undefined ? [] : [{ name, ...entry, key: base + entry.bytes }]))
    // All keys in a folder start with the folder's, so one sort per folder sorts the whole tree.
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : Number(a.folder) - Number(b.folder)))
  for (const { name, folder: isFolder, key } of entries) {
    const path = join(folder, name)
    if (isFolder) {
      const onPrefix = key.startsWith(wanted.prefix) || wanted.prefix.startsWith(key)
      const behind = key > wanted.after || wanted.after.startsWith(key)
      if (onPrefix && behind) yield* walk(path, wanted, key)
    } else if (key.startsWith(wanted.prefix) && key > wanted.after) yield { key, path }
  }
}

async function names(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

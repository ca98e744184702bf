import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** Limit of the cache, bytes: 6,000 tiles of 32 px are 18 MB. */
const diskBudget = 2 ** 30
const checksumLength = 32

/**
 * Reads tile pixels at a size in use from the local disk. Files may be deleted at any moment; one that is missing or fails its
 * checksum is a cache miss.
 */
export async function readCachedPixels(
  directory: string,
  name: string,
  length: number,
): Promise<Uint8Array | undefined> {
  const file = path.join(directory, name)
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const pixels = bytes.subarray(0, length)
  if (bytes.length !== length + checksumLength || !checksum(pixels).equals(bytes.subarray(length)))
    return undefined
  // Marks the file as recently used, because the least recently used ones are deleted first.
  const now = new Date()
  await utimes(file, now, now).catch(ignoreMissing)
  return pixels
}

/** Writes a file atomically, then deletes the least recently used ones to stay within the limit. */
export async function writeCachedPixels(
  directory: string,
  name: string,
  pixels: Uint8Array,
  budget: number = diskBudget,
): Promise<void> {
  await mkdir(directory, { recursive: true })
  const draft = path.join(directory, `${name}.${randomUUID()}.part`)
  try {
    await writeFile(draft, Buffer.concat([pixels, checksum(pixels)]))
    await rename(draft, path.join(directory, name))
  } finally {
    await rm(draft, { force: true })
  }
  await prune(directory, name, budget)
}

async function prune(directory: string, keep: string, budget: number): Promise<void> {
  const names = (await readdir(directory)).filter((name) => /\.(rgb|part)$/.test(name))
  const files = await Promise.all(
    names.map(async (name) => {
      const found = await stat(path.join(directory, name)).catch(ignoreMissing)
      return { name, size: found?.size ?? 0, usedAt: found?.mtimeMs ?? 0 }
    }),
  )
  files.sort((one, other) => other.usedAt - one.usedAt)
  let total = 0
  for (const { name, size } of files) {
    total += size
    if (total > budget && name !== keep) await rm(path.join(directory, name), { force: true })
  }
}

const checksum = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** Photos named on the command line: folders, files, URLs, keys in the object store. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { PhotoOffer } from '../activities/tile-library/index.ts'
import type { GuardedFetch } from '../adapters/guarded-fetch/guarded-fetch.ts'
import { type Bucket, buckets, type ObjectStore } from '../adapters/object-store/object-store.ts'
import { objectsUnder } from '../adapters/object-store/objects-under.ts'
import { Refusal } from './refusal.ts'

export interface PhotoSource {
  /** How messages name it: path, URL or `bucket/key`. */
  name: string
  /** How plans name it: for a file, its path below the given folder, because the rest is private. */
  source?: string
  /** @throws if it cannot be read */
  read: () => Promise<Uint8Array>
}

export interface PhotoSurroundings {
  store: ObjectStore
  fetch: GuardedFetch
  /** Alternative names of the buckets `in`, `raw`, `large` and `small`. */
  bucketNames: Record<Bucket, string>
  /** Maximum size of a photo's file: larger ones are not read. */
  maxBytes: number
  signal: AbortSignal
}

/**
 * Finds all photos in `places` without reading them: folders at any depth, ordered by name and without hidden files, and all keys
 * under a prefix.
 *
 * @throws {Refusal} `place_not_found`
 */
export async function findPhotos(
  places: readonly string[],
  surroundings: PhotoSurroundings,
): Promise<PhotoSource[]> {
  const found: PhotoSource[] = []
  for (const place of places) found.push(...(await findIn(place, surroundings)))
  return found
}

/** Reads them one by one, on demand. Photos that cannot be read are returned with the reason. */
export async function* offerPhotos(sources: readonly PhotoSource[]): AsyncGenerator<PhotoOffer> {
  for (const { read, ...photo } of sources) {
    try {
      yield { ...photo, bytes: await read() }
    } catch (error) {
      yield { ...photo, error: error as Error }
    }
  }
}

async function findIn(place: string, surroundings: PhotoSurroundings): Promise<PhotoSource[]> {
  const { fetch, signal, maxBytes } = surroundings
  if (/^https?:\/\//i.test(place)) {
    return [{ name: place, read: async () => (await fetch(place, { signal })).bytes }]
  }
  const there = await stat(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw new Refusal('place_unreadable', `Expected to read ${place}: ${error.message}.`, { cause: error })
  })
  if (there?.isDirectory()) {
    const photos = await walk(place, maxBytes)
    return photos.map((photo) => ({ ...photo, source: relative(place, photo.name).replaceAll(sep, '/') }))
  }
  if (there) return [{ ...file(place, maxBytes), source: basename(place) }]
  const [first = '', ...rest] = place.split('/')
  const bucket = buckets.find((name) => name === first || surroundings.bucketNames[name] === first)
  if (bucket) return await findKeys(bucket, rest.join('/'), surroundings)
  throw new Refusal(
    'place_not_found',
    `Expected a folder, a file, an http(s) address or bucket/prefix (buckets: ${buckets.join(', ')}), got ${place}, which is none of them.`,
  )
}

async function walk(folder: string, maxBytes: number): Promise<PhotoSource[]> {
  const sources: PhotoSource[] = []
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: Error) => error)
  if (entries instanceof Error) return [{ name: folder, read: () => Promise.reject(entries) }]
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    // A link to a folder may form a loop, so only links to files are followed.
    const linksToFolder = entry.isSymbolicLink() && (await stat(path).catch(() => undefined))?.isDirectory()
    if (entry.isDirectory()) sources.push(...(await walk(path, maxBytes)))
    else if (entry.isFile() || (entry.isSymbolicLink() && !linksToFolder)) sources.push(file(path, maxBytes))
  }
  return sources
}

function file(path: string, maxBytes: number): PhotoSource {
  return {
    name: path,
    read: async () => {
      const { size } = await stat(path)
      return size > maxBytes ? refuseSize(path, size, maxBytes) : await readFile(path)
    },
  }
}

async function findKeys(
  bucket: Bucket,
  prefix: string,
  { store, signal, maxBytes }: PhotoSurroundings,
): Promise<PhotoSource[]> {
  const sources: PhotoSource[] = []
  for await (const { key, size } of objectsUnder(store, { bucket, key: prefix })) {
    const name = `${bucket}/${key}`
    const read = async () =>
      size > maxBytes
        ? refuseSize(name, size, maxBytes)
        : await buffer((await store.get(bucket, key, { signal })).body)
    sources.push({ name, read })
  }
  return sources
}

function refuseSize(name: string, size: number, maxBytes: number): never {
  const message = `Expected a picture of at most ${maxBytes.toLocaleString('en')} bytes but ${name} has ${size.toLocaleString('en')}.`
  throw new Refusal('image_too_large', message)
}

/** A watched place for pictures: a folder on this machine, or a prefix of the object store. */
import { createHash } from 'node:crypto'
import { lstat, readFile, realpath, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { glob } from 'tinyglobby'
import type { ObjectStore } from '../object-store/object-store.ts'
import { objectsUnder } from '../object-store/objects-under.ts'

export type InboxPlace = { folder: string } | { prefix: string }

export interface InboxPicture {
  /** Path below the place. */
  name: string
  /** Identifies name and content without reading the file: changes when the file does. */
  version: string
  /** Bytes. */
  size: number
  /** ms since 1970. */
  modifiedAt: number
  read(): Promise<Uint8Array>
}

/** Inboxes must be below this prefix, apart from the data of jobs. */
export const inboxPrefix = 'inbox/'

export class InboxError extends Error {
  override readonly name = 'InboxError'
  readonly code: 'inbox_not_allowed' | 'inbox_not_found'
  readonly retryable: boolean
  constructor(code: InboxError['code'], message: string) {
    super(message)
    this.code = code
    // A disk may be mounted later; a folder that is not allowed will stay so.
    this.retryable = code === 'inbox_not_found'
  }
}

const picture = /\.(jpe?g|png|webp|avif|gif|tiff?)$/i

/**
 * Lists all pictures by name.
 * @param allowed folders that may be watched, including subfolders
 * @throws {InboxError}, ObjectStoreError
 */
export async function listInbox(
  place: InboxPlace,
  { store, allowed }: { store: ObjectStore; allowed: readonly string[] },
): Promise<InboxPicture[]> {
  return 'folder' in place ? await inFolder(place.folder, allowed) : await inStore(place.prefix, store)
}

/** Whether the folder's path is inside an allowed one. */
export const isAllowed = (folder: string, allowed: readonly string[]): boolean =>
  allowed.some((root) => `${resolve(folder)}${sep}`.startsWith(`${resolve(root)}${sep}`))

async function inFolder(folder: string, allowed: readonly string[]): Promise<InboxPicture[]> {
  const missing = () =>
    new InboxError('inbox_not_found', `There is no folder ${folder} on the worker's machine.`)
  const real = await realpath(folder).catch(() => {
    throw missing()
  })
  const roots = await Promise.all(allowed.map((root) => realpath(root).catch(() => undefined)))
  // Uses the real path: a link must not lead out of the allowed folders.
  if (
    !isAllowed(
      real,
      roots.flatMap((root) => root ?? []),
    )
  )
    throw new InboxError(
      'inbox_not_allowed',
      `The folder ${folder} is not inside one that INBOX_FOLDERS allows.`,
    )
  if (!(await stat(real)).isDirectory()) throw missing()
  const names = await glob('**/*', { cwd: real, onlyFiles: true, followSymbolicLinks: false })
  const found = await Promise.all(
    names.filter((name) => picture.test(name)).map((name) => pictureAt(real, name)),
  )
  return found.flatMap((one) => one ?? []).sort(byName)
}

/** Undefined if it is gone, or a link, which could lead out of the allowed folders. */
async function pictureAt(folder: string, name: string): Promise<InboxPicture | undefined> {
  const path = join(folder, name)
  try {
    const found = await lstat(path)
    if (!found.isFile()) return undefined
    const { size, mtimeMs } = found
    return {
      ...{ name, size, modifiedAt: mtimeMs, version: versionOf(name, size, mtimeMs) },
      read: () => readFile(path),
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function inStore(prefix: string, store: ObjectStore): Promise<InboxPicture[]> {
  if (!prefix.startsWith(inboxPrefix))
    throw new InboxError(
      'inbox_not_allowed',
      `Expected a prefix that begins with ${inboxPrefix}, got ${prefix}.`,
    )
  const found: InboxPicture[] = []
  for await (const { bucket, key, size, etag, modifiedAt } of objectsUnder(store, {
    bucket: 'in',
    key: prefix,
  })) {
    const name = key.slice(prefix.length)
    if (!picture.test(name)) continue
    found.push({
      ...{ name, size, modifiedAt: modifiedAt.getTime(), version: versionOf(name, size, etag) },
      read: async () => await buffer((await store.get(bucket, key)).body),
    })
  }
  return found.sort(byName)
}

const versionOf = (...facts: (string | number)[]) =>
  createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32)

const byName = (one: InboxPicture, other: InboxPicture) => (one.name < other.name ? -1 : 1)

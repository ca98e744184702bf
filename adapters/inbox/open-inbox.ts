/** A place where somebody puts pictures: a folder of this machine, or a prefix of the object store. */
import { createHash } from 'node:crypto'
import { lstat, readFile, realpath, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { glob } from 'tinyglobby'
import type { ObjectStore } from '../object-store/object-store.ts'

export type InboxPlace = { folder: string } | { prefix: string }

export interface InboxPicture {
  /** Below the place. */
  name: string
  /** Of this name and content, as far as can be told without reading it: changes when the file does. */
  version: string
  /** Bytes. */
  size: number
  /** ms since 1970. */
  modifiedAt: number
  read(): Promise<Uint8Array>
}

/** Prefixes lie under this one: what jobs keep beside it is none of an inbox's business. */
export const inboxPrefix = 'inbox/'

export class InboxError extends Error {
  override readonly name = 'InboxError'
  readonly code: 'inbox_not_allowed' | 'inbox_not_found'
  readonly retryable: boolean
  constructor(code: InboxError['code'], message: string) {
    super(message)
    this.code = code
    // A disk that is not mounted yet may be so later; what is not allowed will not be.
    this.retryable = code === 'inbox_not_found'
  }
}

const picture = /\.(jpe?g|png|webp|avif|gif|tiff?)$/i

/**
 * Every picture there, by name.
 * @param allowed folders that may be looked into, with all below them
 * @throws {InboxError}, ObjectStoreError
 */
export async function listInbox(
  place: InboxPlace,
  { store, allowed }: { store: ObjectStore; allowed: readonly string[] },
): Promise<InboxPicture[]> {
  return 'folder' in place ? await inFolder(place.folder, allowed) : await inStore(place.prefix, store)
}

/** Whether a folder lies in an allowed one, by its name alone. */
export const isAllowed = (folder: string, allowed: readonly string[]): boolean =>
  allowed.some((root) => `${resolve(folder)}${sep}`.startsWith(`${resolve(root)}${sep}`))

async function inFolder(folder: string, allowed: readonly string[]): Promise<InboxPicture[]> {
  const missing = () =>
    new InboxError('inbox_not_found', `There is no folder ${folder} on the worker's machine.`)
  const real = await realpath(folder).catch(() => {
    throw missing()
  })
  const roots = await Promise.all(allowed.map((root) => realpath(root).catch(() => undefined)))
  // By where it truly lies: a link must not lead out of what is allowed.
  if (
    !isAllowed(
      real,
      roots.flatMap((root) => root ?? []),
    )
  )
    throw new InboxError('inbox_not_allowed', `The folder ${folder} is not in one that INBOX_FOLDERS allows.`)
  if (!(await stat(real)).isDirectory()) throw missing()
  const names = await glob('**/*', { cwd: real, onlyFiles: true, followSymbolicLinks: false })
  const found = await Promise.all(
    names.filter((name) => picture.test(name)).map((name) => pictureAt(real, name)),
  )
  return found.flatMap((one) => one ?? []).sort(byName)
}

/** Nothing when it is gone by now, nor when it is a link: it would lead out of what is allowed. */
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
  let after: string | undefined
  do {
    const page = await store.list('in', { prefix, ...(after !== undefined && { after }) })
    for (const { key, size, etag, modifiedAt } of page.objects) {
      const name = key.slice(prefix.length)
      if (!picture.test(name)) continue
      found.push({
        ...{ name, size, modifiedAt: modifiedAt.getTime(), version: versionOf(name, size, etag) },
        read: async () => await buffer((await store.get('in', key)).body),
      })
    }
    after = page.next
  } while (after !== undefined)
  return found.sort(byName)
}

const versionOf = (...facts: (string | number)[]) =>
  createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32)

const byName = (one: InboxPicture, other: InboxPicture) => (one.name < other.name ? -1 : 1)

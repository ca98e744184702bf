/** Object stores for tests: one in a new folder, and one that records or fails operations. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { DirectoryObjectStore } from '../../adapters/object-store/directory.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'

export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-tiles-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export async function newStore(folder?: string): Promise<DirectoryObjectStore> {
  const store = new DirectoryObjectStore(folder ?? (await newFolder()))
  await store.open()
  return store
}

/** Calls `before` before each operation; it may throw or wait. */
export function watched(
  store: ObjectStore,
  before: (operation: string, key: string) => unknown,
): ObjectStore {
  return new Proxy(store, {
    get(target, name) {
      const member = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      return async (...args: unknown[]) => {
        await before(String(name), String(args[1] ?? ''))
        return await member.apply(target, args)
      }
    },
  })
}

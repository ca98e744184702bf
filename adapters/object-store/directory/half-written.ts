import { randomUUID } from 'node:crypto'
import { type FileHandle, link, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ObjectStoreError } from '../object-store.ts'
import { isCode } from './file-error.ts'
import { type Facts, trailerOf } from './trailer.ts'

/** A concurrent delete may remove an empty folder before it is used. Whenever that happens, another process made progress. */
const publishAttempts = 100

/** How to write an object to disk. */
export interface Writing {
  /** Creates a new file. */
  open(path: string): Promise<FileHandle>
  /** Writes all bytes but the last ones to the file, and returns these with the object's facts. */
  fill(
    file: FileHandle,
    path: string,
  ): Promise<{ facts: Omit<Facts, 'modifiedAt'>; last?: Uint8Array | undefined }>
  /** `create`: fails with EEXIST if the name is taken. */
  mode?: 'replace' | 'create' | undefined
  /** Default: true. */
  synced?: boolean | undefined
  signal?: AbortSignal | undefined
}

/**
 * The folder in which objects are written until they are complete. They get their final name atomically, so that nobody sees an
 * incomplete object, not even after SIGKILL.
 */
export class HalfWritten {
  readonly #folder: string
  readonly #staleAfterMs: number

  constructor(folder: string, staleAfterMs: number) {
    this.#folder = folder
    this.#staleAfterMs = staleAfterMs
  }

  async open(): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    await this.#prove()
    await this.#removeStale()
  }

  async write(target: string, writing: Writing): Promise<Facts> {
    writing.signal?.throwIfAborted()
    const path = join(this.#folder, randomUUID())
    try {
      const facts = await this.#fill(path, writing)
      writing.signal?.throwIfAborted()
      await this.#publish(path, target, writing.mode ?? 'replace')
      return facts
    } catch (error) {
      await removeIfThere(path)
      throw error
    }
  }

  /** Synced, so that a power failure leaves a complete object or none. Takes as much CPU as the rest of the write. */
  async #fill(path: string, writing: Writing): Promise<Facts> {
    const file = await writing.open(path)
    try {
      const { facts: told, last = new Uint8Array() } = await writing.fill(file, path)
      const facts = { ...told, modifiedAt: new Date().toISOString() }
      const trailer = trailerOf(facts)
      // One call, because each is a trip to another thread.
      const { bytesWritten } = await file.writev([last, trailer], facts.size - last.length)
      if (bytesWritten < last.length + trailer.length) {
        throw new ObjectStoreError('store_full', 'expected room on the disk for an object, got none', {
          retryable: true,
        })
      }
      if (writing.synced !== false) await file.datasync()
      return facts
    } finally {
      await file.close()
    }
  }

  async #publish(path: string, target: string, mode: 'replace' | 'create'): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        if (mode === 'replace') return await rename(path, target)
        // link(2) fails if the name is taken, across processes and machines; rename(2) would replace it.
        await link(path, target)
        return await unlink(path)
      } catch (error) {
        if (!isCode(error, 'ENOENT') || attempt === publishAttempts) throw error
        await makeFolder(dirname(target))
      }
    }
  }

  /** Detects disks without hard links at startup instead of in the middle of a job. */
  async #prove(): Promise<void> {
    const path = join(this.#folder, randomUUID())
    await (await open(path, 'wx')).close()
    try {
      await link(path, `${path}.link`)
      await unlink(`${path}.link`)
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException
      throw new ObjectStoreError(
        'store_unfit',
        `expected a disk with hard links at ${this.#folder}, got ${code}`,
        { cause },
      )
    } finally {
      await unlink(path)
    }
  }

  async #removeStale(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name)
      try {
        if (Date.now() - (await stat(path)).mtimeMs >= this.#staleAfterMs) await unlink(path)
      } catch (error) {
        // Its writer has finished in the meantime.
        if (!isCode(error, 'ENOENT')) throw error
      }
    }
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    // The parent was removed at the same time; Node reports ENOTDIR if that happens between two of its own checks. If a file
    // really is in the way, moving the object reports it.
    if (!isCode(error, 'ENOENT', 'ENOTDIR')) throw error
  }
}

export async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (!isCode(error, 'ENOENT', 'ENOTDIR')) throw error
  }
}

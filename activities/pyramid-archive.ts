/** The pyramid's archive: a zip file of a deep-zoom pyramid, read member by member. */
import { buffer } from 'node:stream/consumers'
import { openPromise } from 'yauzl'

export interface ArchiveMember {
  name: string
  bytes: Uint8Array
  /** How many members the archive has. */
  entries: number
}

/**
 * Calls `visit` for every file of the archive, up to `parallel` at a time, and waits for all of them.
 * The first failure stops reading and is thrown.
 */
export async function readArchive(
  path: string,
  visit: (member: ArchiveMember) => Promise<void>,
  parallel = 16,
): Promise<void> {
  const archive = await openPromise(path, { lazyEntries: true, autoClose: false })
  const running = new Set<Promise<void>>()
  try {
    for await (const entry of archive.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue
      const bytes = await buffer(await archive.openReadStreamPromise(entry))
      const visited = visit({ name: entry.fileName, bytes, entries: archive.entryCount })
      const tracked = visited.finally(() => running.delete(tracked))
      // Awaited below; until then the rejection must not count as unhandled.
      tracked.catch(() => {})
      running.add(tracked)
      if (running.size >= parallel) await Promise.race(running)
    }
    await Promise.all(running)
  } finally {
    await Promise.allSettled(running)
    archive.close()
  }
}

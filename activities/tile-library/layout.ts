import { createHash } from 'node:crypto'
import { TileLibraryError } from './tile-library-error.ts'

/**
 * Where a library lies in bucket `raw`:
 *
 * | key | what |
 * | --- | --- |
 * | `<library>/photos/<tile ID>` | the photo as it came |
 * | `<library>/segments/<tiles>-<hash>.tiles` | a batch of tiles: see engine/tile-segment.ts |
 * | `<library>/removed/<tile ID>-<ms>` | what was added until then (ms since 1970) is removed |
 *
 * Nothing is ever changed in place, and names follow from content: two writers cannot undo each other, and what a
 * killed one leaves behind is either whole or unseen. That is a log-structured merge set (O'Neil et al., "The
 * log-structured merge-tree", 1996) with an object store as its disk.
 */
export const libraryNamePattern = /^[a-z0-9][a-z0-9-]{0,62}$/

/** @throws TileLibraryError */
export function checkLibraryName(library: string): void {
  if (!libraryNamePattern.test(library))
    throw new TileLibraryError(
      'library_name_invalid',
      `Expected a tile library's name of 1 to 63 lower-case letters, digits and hyphens, such as "holiday-2024", but received ${JSON.stringify(library)}.`,
    )
}

export const photoKey = (library: string, tileId: string): string => `${library}/photos/${tileId}`

export const segmentPrefix = (library: string): string => `${library}/segments/`

export function segmentKey(library: string, tiles: number, segment: Uint8Array): string {
  const hash = createHash('sha256').update(segment).digest('hex').slice(0, 32)
  return `${segmentPrefix(library)}${String(tiles).padStart(6, '0')}-${hash}.tiles`
}

/** How many tiles a segment holds, by its name. */
export function tilesInSegment(key: string): number {
  return Number(key.slice(key.lastIndexOf('/') + 1).split('-', 1)[0])
}

export const removedPrefix = (library: string): string => `${library}/removed/`

export const removedKey = (library: string, tileId: string, at: number): string =>
  `${removedPrefix(library)}${tileId}-${at}`

export function parseRemovedKey(key: string): { tileId: string; at: number } {
  const [tileId = '', at] = key.slice(key.lastIndexOf('/') + 1).split('-')
  return { tileId, at: Number(at) }
}

import { createHash } from 'node:crypto'
import { TileLibraryError } from './tile-library-error.ts'

/**
 * Keys of a library in the bucket `raw`:
 *
 * | key | what |
 * | --- | --- |
 * | `<library>/photos/<tile ID>` | the original photo |
 * | `<library>/segments/<tiles>-<hash>.tiles` | a batch of tiles: see engine/tile-segment.ts |
 * | `<library>/removed/<tile ID>-<ms>` | the tile, as far as it was added up to then (ms since 1970), is removed |
 *
 * Objects are immutable and named after their content: two writers cannot undo each other's work, and what a killed one
 * leaves behind is either complete or invisible. This is a log-structured merge set (O'Neil et al., "The log-structured
 * merge-tree", 1996) with an object store as its disk.
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

/** Number of tiles in a segment, from its name. */
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

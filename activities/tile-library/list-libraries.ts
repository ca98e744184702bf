import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { featureLength } from '../../engine/tile-set.ts'
import { libraryNamePattern } from './layout.ts'
import { type LibraryState, readLibrary } from './library-state.ts'
import { libraryNotFound } from './remove-tiles.ts'

export interface LibrarySummary {
  name: string
  tiles: number
  segments: number
}

export interface ListedTile {
  id: string
  source: string
  author?: { name?: string; handle?: string; url?: string }
  /** RFC 3339. */
  addedAt: string
  /** Mean colour in OKLab: L, a, b. */
  colour: [number, number, number]
}

/** All libraries by name: lists a single key per library, however many photos it has. */
export async function listLibraries(options: { store: ObjectStore }): Promise<LibrarySummary[]> {
  const { store } = options
  const libraries: LibrarySummary[] = []
  let after = ''
  for (;;) {
    const { objects } = await store.list('raw', { limit: 1, ...(after && { after }) })
    const name = objects[0]?.key.split('/', 1)[0]
    if (name === undefined) break
    if (libraryNamePattern.test(name)) {
      const { tiles, segments } = await readLibrary(store, name)
      libraries.push({ name, tiles: tiles.size, segments: segments.size })
    }
    // "0" is the byte after "/": this skips all keys of this library, and of no other.
    after = `${name}0`
  }
  return libraries.sort((one, other) => (one.name < other.name ? -1 : 1))
}

/**
 * The tiles of a library, in the order in which they were added.
 * @throws TileLibraryError
 */
export async function listTiles(options: { store: ObjectStore; library: string }): Promise<ListedTile[]> {
  const state = await readLibrary(options.store, options.library)
  if (state.segments.size === 0) throw libraryNotFound(options.library)
  return inOrder(state)
}

/** The same, but an empty list if the library does not exist yet. */
export async function listTilesSoFar(options: {
  store: ObjectStore
  library: string
}): Promise<ListedTile[]> {
  return inOrder(await readLibrary(options.store, options.library))
}

function inOrder({ tiles, segments }: Pick<LibraryState, 'tiles' | 'segments'>): ListedTile[] {
  return [...tiles.values()]
    .toSorted(
      ({ entry: one }, { entry: other }) =>
        one.addedAt - other.addedAt || (one.source < other.source ? -1 : 1),
    )
    .map(({ entry: { id, source, author, addedAt }, segment, row }) => ({
      id,
      source,
      ...(author && { author }),
      addedAt: new Date(addedAt).toISOString(),
      colour: meanColour(segments.get(segment)!.features, row),
    }))
}

/** Mean of the samples, rounded to four digits, which is finer than anybody can see. */
function meanColour(features: Float32Array, row: number): [number, number, number] {
  const mean: [number, number, number] = [0, 0, 0]
  for (let i = 0; i < featureLength; i++)
    mean[i % 3]! += features[row * featureLength + i]! / (featureLength / 3)
  return mean.map((value) => Math.round(value * 1e4) / 1e4) as [number, number, number]
}

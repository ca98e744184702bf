/** A library for suites that make mosaics: `tile 0`, `tile 1`, ..., each in a colour with a stripe of another. */
import { addTiles } from '../../activities/tile-library/index.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { tilePhoto } from './pictures.ts'

export async function addStripedTiles(store: ObjectStore, library = 'small', count = 60): Promise<void> {
  async function* photos() {
    for (let seed = 0; seed < count; seed++) yield { name: `tile ${seed}`, bytes: await tilePhoto(seed) }
  }
  await addTiles({ store, library, photos: photos() })
}

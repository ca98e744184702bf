/** A library of tiles for suites that make mosaics: `tile 0`, `tile 1`, ..., each another colour with a stripe of another. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { addTiles } from '../../activities/tile-library/index.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { openObjectStore } from '../../adapters/object-store/open-object-store.ts'
import { tilePhoto } from './pictures.ts'

interface Kept {
  /** Below the name of the library. */
  name: string
  contentType: string
  bytes: Buffer
}

const drawn = new Map<number, Promise<Kept[]>>()

/** Photos are drawn and indexed once a process: a quarter of a second of CPU. A library is its files, wherever they lie. */
export async function addStripedTiles(store: ObjectStore, library = 'small', count = 60): Promise<void> {
  const files = drawn.get(count) ?? draw(count)
  drawn.set(count, files)
  for (const { name, bytes, contentType } of await files)
    await store.put('raw', `${library}/${name}`, bytes, { contentType })
}

async function draw(count: number): Promise<Kept[]> {
  async function* photos() {
    for (let seed = 0; seed < count; seed++) yield { name: `tile ${seed}`, bytes: await tilePhoto(seed) }
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'mosaicme-striped-'))
  const store = await openObjectStore({ dataDir })
  try {
    await addTiles({ store, library: 'drawn', photos: photos() })
    const { objects } = await store.list('raw', { limit: 1_000 })
    return await Promise.all(
      objects.map(async ({ key }) => {
        const { body, contentType } = await store.get('raw', key)
        return { name: key.slice('drawn/'.length), contentType, bytes: await buffer(body) }
      }),
    )
  } finally {
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}

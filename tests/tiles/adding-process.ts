/** Adds photos to a library and prints its progress, until it is done or killed. */
import { addTiles } from '../../activities/tile-library/index.ts'
import { DirectoryObjectStore } from '../../adapters/object-store/directory.ts'
import { photos, range } from './photos.ts'

const [folder, library, from, to] = process.argv.slice(2) as [string, string, string, string]
const store = new DirectoryObjectStore(folder)
await store.open()
const result = await addTiles({
  store,
  library,
  photos: photos(range(Number(from), Number(to))),
  batch: 4,
  onProgress: (done) => process.stdout.write(`${done}\n`),
})
process.stdout.write(`${JSON.stringify(result)}\n`)

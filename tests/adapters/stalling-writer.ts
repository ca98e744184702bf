/** A process that stops in the middle of a put, prints `stalled`, and waits to be killed. */
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { DirectoryObjectStore } from '../../adapters/object-store/directory.ts'
import { S3ObjectStore, type S3Options } from '../../adapters/object-store/s3.ts'

export type StoreRecipe = { directory: string } | { s3: S3Options }

export function storeFrom(recipe: StoreRecipe) {
  return 's3' in recipe
    ? new S3ObjectStore(recipe.s3)
    : new DirectoryObjectStore(recipe.directory, { staleAfterMs: 0 })
}

if (process.argv[2] !== undefined) {
  const { recipe, key, bytes }: { recipe: StoreRecipe; key: string; bytes: number } = JSON.parse(
    process.argv[2],
  )
  const body = Readable.from(
    (async function* () {
      for (let sent = 0; sent < bytes; sent += 65_536) yield Buffer.alloc(65_536, 'x')
      process.stdout.write('stalled\n')
      await once(process, 'never')
    })(),
  )
  setInterval(() => undefined, 60_000)
  await storeFrom(recipe).put('large', key, body, { metadata: { who: 'the one who dies' } })
}

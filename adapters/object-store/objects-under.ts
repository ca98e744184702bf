import type { Place } from './layout.ts'
import type { ObjectInfo, ObjectStore } from './object-store.ts'

type Store = Pick<ObjectStore, 'list'>

/** Everything whose key begins with `place.key`, in byte order of the keys. Holds one page of the listing in memory. */
export async function* objectsUnder(store: Store, place: Place): AsyncGenerator<ObjectInfo> {
  for await (const page of pagesUnder(store, place)) yield* page
}

/** {@link objectsUnder} in pages of at most 1,000, for callers that delete or read a page at once. */
export async function* pagesUnder(
  store: Store,
  { bucket, key: prefix }: Place,
): AsyncGenerator<ObjectInfo[]> {
  let after: string | undefined
  do {
    const { objects, next } = await store.list(bucket, { prefix, ...(after !== undefined && { after }) })
    yield objects
    after = next
  } while (after !== undefined)
}

/** Mosaics in store and gallery whose jobs have long been removed from Temporal. */

import type { GalleryCache, GalleryEntry } from '../../adapters/gallery-cache/gallery-cache.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { placeholderOf } from '../../engine/index.ts'
import { photo } from '../workflows/pictures.ts'

/** Sizes of the pictures, pixels: flat, square, steep, and a panorama. */
const shapes = [
  [480, 300],
  [300, 300],
  [240, 400],
  [512, 110],
] as const

const pictures = Promise.all(
  shapes.map(async ([width, height]) => {
    const bytes = await photo(width, height)
    return { width, height, bytes, thumbhash: await placeholderOf(bytes) }
  }),
)

export interface Hung {
  /** Determines the ID: `mosaic-hung-<number>`. */
  number: number
  more?: Partial<GalleryEntry>
}

/** Higher numbers are older. */
export async function hang(
  { store, gallery }: { store: ObjectStore; gallery: GalleryCache },
  { number, more = {} }: Hung,
): Promise<GalleryEntry> {
  const { width, height, bytes, thumbhash } = (await pictures)[Math.abs(number) % shapes.length]!
  const id = `mosaic-hung-${number}`
  const files = `/v1/jobs/${id}/files`
  // Tests do not scroll further, and writing a thousand files takes seconds.
  if (number < 150) {
    await store.put('small', `${id}.jpg`, bytes, { contentType: 'image/jpeg' })
    await store.put('large', `${id}_files/9/0_0.jpg`, bytes, { contentType: 'image/jpeg' })
  }
  const entry: GalleryEntry = {
    id,
    url_small: `${files}/small.jpg`,
    url_large: `${files}/large.jpg`,
    url_preview: `${files}/mosaic_files/9/0_0.jpg`,
    username: '',
    date: new Date(Date.UTC(2026, 0, 30) - number * 3_600_000).toISOString(),
    width: width * 20,
    height: height * 20,
    thumbhash,
    ...more,
  }
  await gallery.put(entry)
  return entry
}

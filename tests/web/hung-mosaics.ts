/** Mosaics as the store and the gallery know them after their jobs have long been forgotten. */

import type { GalleryCache, GalleryEntry } from '../../adapters/gallery-cache/gallery-cache.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { placeholderOf } from '../../engine/index.ts'
import { photo } from '../workflows/pictures.ts'

/** Pixels of the pictures that are hung: flat, square, steep, and a panorama. */
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
  /** Makes the ID: `mosaic-hung-<number>`. */
  number: number
  more?: Partial<GalleryEntry>
}

/** The higher the number, the older. */
export async function hang(
  { store, gallery }: { store: ObjectStore; gallery: GalleryCache },
  { number, more = {} }: Hung,
): Promise<GalleryEntry> {
  const { width, height, bytes, thumbhash } = (await pictures)[Math.abs(number) % shapes.length]!
  const id = `mosaic-hung-${number}`
  const files = `/v1/jobs/${id}/files`
  // Nobody scrolls further than this, and a thousand files on a disk take seconds.
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

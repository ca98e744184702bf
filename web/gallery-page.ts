import type { Context } from 'hono'
import type { GalleryEntry, GalleryPage } from '../adapters/gallery-cache/gallery-cache.ts'
import type { Site } from './dependencies.ts'

/**
 * A page of the gallery through the API, which rebuilds an empty cache before it responds.
 *
 * @param place `after`: the `next` of an earlier page; `by`: only this person's mosaics
 * @returns undefined if `after` is not a valid cursor
 */
export async function galleryPage(
  site: Site,
  c: Context,
  { after, by }: { after?: string | undefined; by?: string | undefined } = {},
): Promise<GalleryPage | undefined> {
  const query = new URLSearchParams({
    limit: String(site.galleryPageSize),
    ...(after !== undefined && { after }),
    ...(by !== undefined && { by }),
  })
  const response = await site.callApi(c, `/v1/gallery?${query}`)
  if (response.status === 422) return undefined
  if (!response.ok) throw new Error(`expected the gallery from the API, it responded with ${response.status}`)
  const { data, total, next } = (await response.json()) as {
    data: GalleryEntry[]
    total: number
    next: string | null
  }
  return { entries: data, total, ...(next !== null && { next }) }
}

/** A mosaic's entry. If the cache is empty, reading the gallery fills it. */
export async function galleryEntry(site: Site, c: Context, id: string): Promise<GalleryEntry | undefined> {
  if (!(await site.cache.isWarm())) await galleryPage(site, c)
  return await site.cache.get(id)
}

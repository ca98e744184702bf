import type { Context } from 'hono'
import type { GalleryEntry, GalleryPage } from '../adapters/gallery-cache/gallery-cache.ts'
import type { Site } from './dependencies.ts'

/**
 * A page of the gallery, by way of the API: it fills a cache that was flushed before it answers.
 *
 * @param place `after`: an earlier page's `next`; `by`: only this person's
 * @returns nothing when `after` is of no page that there ever was
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
  if (!response.ok) throw new Error(`expected the gallery from the API, it answered ${response.status}`)
  const { data, total, next } = (await response.json()) as {
    data: GalleryEntry[]
    total: number
    next: string | null
  }
  return { entries: data, total, ...(next !== null && { next }) }
}

/** One mosaic's entry. A cold cache knows nothing: looking at the gallery warms it. */
export async function galleryEntry(site: Site, c: Context, id: string): Promise<GalleryEntry | undefined> {
  if (!(await site.cache.isWarm())) await galleryPage(site, c)
  return await site.cache.get(id)
}

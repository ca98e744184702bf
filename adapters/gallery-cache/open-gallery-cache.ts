import type { Environment } from '../environment.ts'
import type { GalleryCache } from './gallery-cache.ts'
import { MemoryGalleryCache } from './memory.ts'

/** The gallery cache that the environment asks for, opened. Throws a sentence when Redis does not answer. */
export async function openGalleryCache({ redisUrl }: Pick<Environment, 'redisUrl'>): Promise<GalleryCache> {
  if (redisUrl === undefined) return new MemoryGalleryCache()
  // Loaded only where it is used: 100 ms.
  const { RedisGalleryCache } = await import('./redis.ts')
  const cache = new RedisGalleryCache(redisUrl)
  await cache.open()
  return cache
}

import type { Environment } from '../environment.ts'
import type { GalleryCache } from './gallery-cache.ts'
import { MemoryGalleryCache } from './memory.ts'

/** Opens the gallery cache that the environment configures. Throws a readable error if Redis does not respond. */
export async function openGalleryCache({ redisUrl }: Pick<Environment, 'redisUrl'>): Promise<GalleryCache> {
  if (redisUrl === undefined) return new MemoryGalleryCache()
  // Loaded on demand: it takes 100 ms.
  const { RedisGalleryCache } = await import('./redis.ts')
  const cache = new RedisGalleryCache(redisUrl)
  await cache.open()
  return cache
}

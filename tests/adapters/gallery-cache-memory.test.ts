import { expect, it } from 'vitest'
import { loadEnvironment } from '../../adapters/environment.ts'
import { MemoryGalleryCache } from '../../adapters/gallery-cache/memory.ts'
import { openGalleryCache } from '../../adapters/gallery-cache/open-gallery-cache.ts'
import { galleryCacheContract } from './gallery-cache.contract.ts'

galleryCacheContract('memory', {
  // A new process has an empty cache, like after a flush.
  start: async () => ({ flush: async () => new MemoryGalleryCache(), stop: async () => {} }),
})

it('is what the environment asks for by default', async () => {
  expect((await openGalleryCache(loadEnvironment({}))).description).toBe('memory of this process')
})

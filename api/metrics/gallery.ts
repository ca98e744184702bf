import { Gauge, type Registry } from 'prom-client'
import type { ApiDependencies } from '../dependencies.ts'

/** The gallery cache: whether it is filled, and its size. No values while it does not respond. */
export function observeGallery(register: Registry, { cache }: Pick<ApiDependencies, 'cache'>): void {
  new Gauge({
    name: 'mosaicme_gallery_cache_warm',
    help: '1 if the gallery cache responds and is filled, otherwise 0.',
    registers: [register],
    async collect() {
      this.set((await cache.isWarm().catch(() => false)) ? 1 : 0)
    },
  })
  new Gauge({
    name: 'mosaicme_gallery_mosaics',
    help: 'Mosaics in the gallery cache.',
    registers: [register],
    async collect() {
      const page = await cache.page({ limit: 1 }).catch(() => undefined)
      this.set(page?.total ?? Number.NaN)
    },
  })
}

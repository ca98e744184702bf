import { Gauge, type Registry } from 'prom-client'
import type { ApiDependencies } from '../dependencies.ts'

/** The gallery cache: whether it is filled, and with how much. Nothing of it while it does not answer. */
export function observeGallery(register: Registry, { cache }: Pick<ApiDependencies, 'cache'>): void {
  new Gauge({
    name: 'mosaicme_gallery_cache_warm',
    help: '1 when the gallery cache answers and is filled, else 0.',
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

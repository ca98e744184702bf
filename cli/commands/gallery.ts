import { Command } from 'commander'
import { loadEnvironment } from '../../adapters/environment.ts'
import { RunningParts } from '../running-parts.ts'

export const galleryCommand = new Command('gallery').description('manage the gallery')

galleryCommand
  .command('rebuild')
  .description('rebuild the gallery cache from the mosaics in the object store')
  .option('--json', 'print one line of JSON')
  .addHelpText(
    'after',
    `
Examples:
  REDIS_URL=redis://127.0.0.1:6379 mosaicme gallery rebuild
  mosaicme gallery rebuild --json

Without REDIS_URL the cache lives in the process of \`mosaicme up\`, which rebuilds it at each start.
`,
  )
  .action(async ({ json = false }: { json?: boolean }) => {
    const { openAdapters } = await import('../open-adapters.ts')
    const { rebuildGallery } = await import('../../activities/rebuild-gallery.ts')
    const parts = new RunningParts()
    try {
      const { store, gallery, site } = await openAdapters(loadEnvironment(), parts)
      const onProgress = (read: number) => {
        if (!json && process.stderr.isTTY) process.stderr.write(`\r${read} mosaics read`)
      }
      const { entries, unreadable } = await rebuildGallery({ store, gallery, site, onProgress })
      if (json) {
        console.log(
          JSON.stringify({ entries, unreadable, store: store.description, cache: gallery.description }),
        )
        return
      }
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
      console.log(`${entries} mosaics from ${store.description} are in ${gallery.description}.`)
      for (const { key, reason } of unreadable) console.error(`Left out ${key}: ${reason}`)
    } finally {
      await parts.stop()
    }
  })

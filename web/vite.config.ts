/** Bundles the islands and styles into dist/web/assets: hashed names, found through the manifest. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here('.'),
  base: '/assets/',
  publicDir: here('./public'),
  logLevel: 'warn',
  // Islands render the server's components with hono/jsx/dom, which is a few kilobytes.
  oxc: { jsx: { runtime: 'automatic', importSource: 'hono/jsx/dom' } },
  build: {
    outDir: here('../dist/web/assets'),
    emptyOutDir: true,
    assetsDir: '',
    manifest: 'manifest.json',
    // The preload polyfill and data: URLs would need a wider Content Security Policy.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // OpenSeadragon is 350 kB before gzip, and only loaded when somebody zooms.
    chunkSizeWarningLimit: 500,
    rolldownOptions: {
      // Slow plugins on a busy machine are not worth a warning.
      checks: { pluginTimings: false },
      input: {
        gallery: here('./islands/gallery.ts'),
        make: here('./islands/make.ts'),
        resize: here('./islands/resize.ts'),
        result: here('./islands/result.ts'),
        wall: here('./islands/wall.ts'),
        'wall-upload': here('./islands/wall-upload.ts'),
        recent: here('./islands/recent.ts'),
        job: here('./islands/job.tsx'),
        mosaic: here('./islands/mosaic.ts'),
        main: here('./styles/main.css'),
      },
    },
  },
})

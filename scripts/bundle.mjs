/**
 * Bundles the programs in dist/ for a fast start: Node takes about a millisecond to find, read and link a module, and a program has
 * several hundred. See docs/decisions/021-programs-start-from-bundles.md.
 */
import { dirname, join, relative } from 'node:path'
import { rolldown } from 'rolldown'

/**
 * Bundled from modules of the build. Threads and child processes are replaced in place, because nothing else loads their entries.
 * A module in two bundles of the same process would exist twice, so nothing outside a bundle may import what is in it.
 */
const programs = {
  'bundled/mosaicme': 'cli/main.js',
  // As `mosaicme/engine`, for programs of others.
  'bundled/engine': 'engine/index.js',
  'engine/thread-entry': 'engine/thread-entry.js',
  'engine/encode-band': 'engine/encode-band.js',
  'engine/apart/compose-process': 'engine/apart/compose-process.js',
  'engine/apart/resize-process': 'engine/apart/resize-process.js',
}

/** Packages of many small modules that nothing outside the bundles shares with them. All others are loaded from node_modules. */
const inlined = ['zod', 'hono', '@hono/zod-openapi', '@hono/zod-validator', '@asteasolutions/zod-to-openapi']

/** @param {string} dist a finished build */
export async function bundlePrograms(dist) {
  // One by one: bundles that share modules through further files would start more slowly.
  for (const [name, entry] of Object.entries(programs)) {
    const bundle = await rolldown({
      cwd: dist,
      input: { [name]: join(dist, entry) },
      platform: 'node',
      external: (id) => !/^[./]/.test(id) && !inlined.some((one) => id === one || id.startsWith(`${one}/`)),
      plugins: [ownAddresses(dist)],
    })
    await bundle.write({
      dir: dist,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: 'bundled/chunks/[name].js',
    })
    await bundle.close()
  }
}

/** Keeps `import.meta.url` the address of the original module, relative to which it finds files that are not bundled. */
function ownAddresses(dist) {
  const marked = /ownAddress\("([^"]+)"\)/g
  return {
    name: 'own-addresses',
    transform: (code, id) =>
      id.startsWith(dist)
        ? code.replaceAll('import.meta.url', `ownAddress(${JSON.stringify(relative(dist, id))})`)
        : undefined,
    renderChunk: (code, { fileName }) =>
      code.replaceAll(marked, (_, module) => {
        const path = relative(dirname(fileName), module)
        return `new URL(${JSON.stringify(path)}, import.meta.url).href`
      }),
  }
}

/** Test programs that run as processes: a fake network, a worker that is killed. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtFiles, builtSources } from './built-sources.ts'

const tests = resolve(import.meta.dirname, '..')
/** Started by suites. All others, and all outside of `npm test`, start with `tsx`: see `bundlePrograms`. */
const programs = [
  'adapters/stalling-writer',
  'servers/bluesky/server',
  'servers/mastodon/server',
  'servers/x/server',
  'soak/worker',
  'tiles/adding-process',
  'tiles/drawing-process',
]

/**
 * Bundles each of them once per run, using the built sources: starting with `tsx` takes most of a second of CPU, and there are
 * dozens of starts.
 *
 * @returns a function that removes the bundles
 */
export async function bundlePrograms(): Promise<() => Promise<void>> {
  if (process.env.MOSAICME_BUILT === undefined) return async () => {}
  const { build } = await import('vite')
  const output = join(tests, 'output')
  await mkdir(output, { recursive: true })
  // Inside the repository, since they import packages.
  const folder = await mkdtemp(join(output, 'programs-'))
  await build({
    ...{ configFile: false, logLevel: 'error', root: tests, plugins: [builtSources()] },
    build: {
      ...{ ssr: true, target: 'node20', outDir: folder, emptyOutDir: false, minify: false },
      rolldownOptions: {
        input: Object.fromEntries(programs.map((name) => [name, join(tests, `${name}.ts`)])),
        external: builtFiles,
        // Relative paths would be relative to the bundle.
        makeAbsoluteExternalsRelative: false,
        output: { entryFileNames: '[name].mjs', chunkFileNames: 'chunks/[name]-[hash].mjs' },
      },
    },
  })
  process.env.MOSAICME_TEST_PROGRAMS = folder
  return async () => await rm(folder, { recursive: true, force: true })
}

/**
 * Arguments for Node that start it.
 *
 * @param url of the TypeScript file
 * @example spawn(process.execPath, [...programAt(new URL('server.ts', import.meta.url)), '0'])
 */
export function programAt(url: URL): string[] {
  const file = fileURLToPath(url)
  const name = relative(tests, file).replace(/\.ts$/, '')
  const bundled = process.env.MOSAICME_TEST_PROGRAMS
  return bundled !== undefined && programs.includes(name)
    ? [join(bundled, `${name}.mjs`)]
    : ['--import', 'tsx', file]
}

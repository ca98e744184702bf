/** The servers behind the site: workflows, workers, a store with tiles. Started once per test process, for all its files. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTileLibraries, type TileLibraries } from '../../activities/tile-libraries.ts'
import { addTiles } from '../../activities/tile-library/index.ts'
import { lastingNamespace, temporalAddress } from '../servers/temporal.ts'
import { tilePhoto } from '../workflows/pictures.ts'
import { type Stack, startStack } from '../workflows/stack.ts'
import { Gate } from './gate.ts'

/** The author of every twentieth tile. */
export const grace = { name: 'Grace H.', handle: 'Grace', url: 'https://photos.example/grace' }
const { MOSAICME_BUILT: built } = process.env
/** The islands built by `npm test`; otherwise each process bundles them like the build. */
const builtAssets = built && join(built, 'web', 'assets')
/** In the library `small`. */
const tiles = 60

export interface Service {
  stack: Stack
  gate: Gate
  libraries: TileLibraries
  /** Folder of the bundled islands and styles. */
  assets: string
  stop(): Promise<void>
}

export async function startService(): Promise<Service> {
  const gate = new Gate()
  // Its workers keep running while other files run in this process, so these must not get each other's work.
  const temporal = { address: temporalAddress(), namespace: lastingNamespace() }
  const [assets, stack] = await Promise.all([
    bundle(),
    startStack({ temporal, wrapStore: (store) => gate.before(store) }),
  ])
  await addTiles({ store: stack.store, library: 'small', photos: photos() })
  return {
    ...{ stack, gate, assets },
    libraries: createTileLibraries({
      store: stack.store,
      cacheDirectory: join(stack.dataDir, 'cache', 'tiles'),
    }),
    async stop() {
      gate.open()
      await stack.stop()
      if (!builtAssets) await rm(assets, { recursive: true, force: true })
    },
  }
}

async function* photos() {
  for (let seed = 0; seed < tiles; seed++) {
    const photo = { name: `tile ${seed}`, bytes: await tilePhoto(seed) }
    yield seed % 20 === 0 ? { ...photo, author: grace } : photo
  }
}

async function bundle(): Promise<string> {
  if (builtAssets) return builtAssets
  const { build } = await import('vite')
  const outDir = await mkdtemp(join(tmpdir(), 'mosaicme-assets-'))
  await build({ configFile: 'web/vite.config.ts', logLevel: 'error', build: { outDir, emptyOutDir: true } })
  return outDir
}

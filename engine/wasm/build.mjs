/**
 * Compiles the AssemblyScript kernel: `node engine/wasm/build.mjs OUT.wasm`, or on demand when the engine runs from
 * its sources, into a cache keyed by the source's hash.
 */
import { createHash, randomUUID } from 'node:crypto'
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const source = join(here, 'assembly', 'nearest.ts')

/** Path of the compiled kernel, which is compiled if its source has changed. */
export async function cachedKernel() {
  const text = await readFile(source)
  const name = createHash('sha256')
    .update(text)
    .update(await readFile(fileURLToPath(import.meta.url)))
    .digest('hex')
  const path = join(here, '../../.cache/engine', `nearest-${name.slice(0, 16)}.wasm`)
  const built = await access(path).then(
    () => true,
    () => false,
  )
  if (!built) await buildKernel(path)
  return path
}

/** Writes `path` atomically. */
export async function buildKernel(path) {
  const { default: asc } = await import('assemblyscript/asc')
  let binary
  const { error, stderr } = await asc.main(
    [
      'nearest.ts',
      ...['--outFile', 'nearest.wasm', '-O3', '--converge', '--noAssert', '--runtime', 'stub'],
      ...[
        '--enable',
        'simd',
        '--enable',
        'threads',
        '--importMemory',
        '--sharedMemory',
        '--maximumMemory',
        '65536',
      ],
    ],
    {
      readFile: (name) => (name === 'nearest.ts' ? readFile(source, 'utf8') : null),
      writeFile: (_name, contents) => {
        binary = contents
      },
      listFiles: () => [],
    },
  )
  if (error || !binary) throw new Error(`could not compile ${source}: ${stderr}`, { cause: error })
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, binary)
  await rename(draft, path)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildKernel(process.argv[2])

/**
 * Each tile at most once: the engine compared with `metapixel --search=global` on 2,700 cells, and the engine
 * alone with 10,000 cells and 100,000 tiles.
 *
 *   npm run build && npx tsx bench/global-search.ts TARGET [--work FOLDER filled by engine-vs-metapixel.ts]
 *
 * The 100,000 tiles are random variations of the 6,000 descriptions: only their number matters here.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import sharp from 'sharp'
import { closeThreads, comparePictures } from '../engine/index.ts'

const run = promisify(execFile)
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dist: { type: 'string', default: 'dist' },
    work: { type: 'string', default: join(tmpdir(), 'mosaicme-bench') },
  },
})
const [picture] = positionals
if (!picture) throw new Error('expected a target')
const { work } = values
const limits = { bytes: 2 ** 30, pixels: 1e9 }
const engine = pathToFileURL(resolve(values.dist, 'bundled/engine.js')).href

const engineRun = `
  import { readFileSync } from 'node:fs'
  const [engine, index, target, out, copies, options] = process.argv.slice(1)
  const { closeThreads, composeMosaic, featureLength, planMosaic } = await import(engine)
  const { version, credits } = JSON.parse(readFileSync(index + '/credits.json', 'utf8'))
  const file = new Float32Array(new Uint8Array(readFileSync(index + '/features')).buffer)
  const count = Math.min(100_000, credits.length * Number(copies))
  const features = new Float32Array(new SharedArrayBuffer(count * featureLength * 4))
  let seed = 1
  const next = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32 - 0.5
  for (let i = 0; i < count; i++) {
    const shift = i < credits.length ? 0 : next() * 0.2
    for (let k = 0; k < featureLength; k++)
      features[i * featureLength + k] =
        file[(i % credits.length) * featureLength + k] + (k % 3 === 0 ? shift : 0) + (shift === 0 ? 0 : next() * 0.05)
  }
  const groups = new Uint32Array(new SharedArrayBuffer(count * 4))
  for (let i = 0; i < count; i++) groups[i] = i
  const credit = (i) => (i < credits.length ? credits[i] : { id: String(i), source: String(i) })
  const pixels = async () => readFileSync(index + '/pixels')
  const tiles = { version, count, features, groups, credit, pixels }
  const started = performance.now()
  const plan = await planMosaic({ target: readFileSync(target), tiles, options: JSON.parse(options) })
  const planned = performance.now() - started
  if (copies === '1') await composeMosaic({ plan, tiles, directory: out, pyramid: false })
  await closeThreads()
  const { maxRSS } = process.resourceUsage()
  console.log(JSON.stringify({ grid: plan.grid, seconds: planned / 1000, gap: plan.gap, fidelity: plan.fidelity, megabytes: maxRSS / 1024 }))
`
const ours = async (target: string, copies: number, options: object) => {
  const args = [engine, join(work, 'engine'), target, work, String(copies), JSON.stringify(options)]
  const started = performance.now()
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', engineRun, ...args])
  return { whole: (performance.now() - started) / 1000, ...JSON.parse(stdout) }
}

const target = join(work, 'global.jpg')
const upright = sharp(picture).autoOrient().toColourspace('srgb').flatten({ background: '#fff' })
await upright.clone().resize(960, 720).jpeg({ quality: 92 }).toFile(target)
const bytes = await readFile(target)

const mosaic = join(work, 'global.png')
const started = performance.now()
const sizes = ['--width=32', '--height=32', '--scale=2', '--search=global']
await run('metapixel', ['--metapixel', target, mosaic, '--library', join(work, 'metapixel'), ...sizes], {
  maxBuffer: 1e9,
})
const theirs = (performance.now() - started) / 1000
const grid = { columns: 60, rows: 45 }
const before = await comparePictures(bytes, await readFile(mosaic), grid, { limits })
const small = await ours(target, 1, { cell: 32, scale: 2, search: 'global' })
const after = await comparePictures(bytes, await readFile(join(work, 'large.jpg')), grid, { limits })
console.log(
  `2,700 cells: metapixel ${theirs.toFixed(1)} s, k1 ${before.k1}; engine ${small.whole.toFixed(2)} s ` +
    `(${(theirs / small.whole).toFixed(1)} times as fast), k1 ${after.k1} (${((after.k1 / before.k1 - 1) * 100).toFixed(0)} %), ` +
    `at most ${(small.gap * 100).toFixed(2)} % above the optimum`,
)
const large = await ours(target, 100, { cell: 32, scale: 3.85, search: 'global' })
console.log(
  `${large.grid.columns} x ${large.grid.rows} cells, 100,000 tiles: ${large.whole.toFixed(1)} s, ` +
    `${large.megabytes.toFixed(0)} MB, at most ${(large.gap * 100).toFixed(2)} % above the optimum`,
)
await closeThreads()

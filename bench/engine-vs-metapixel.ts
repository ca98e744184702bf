/**
 * The engine compared with metapixel 1.0.2 (Debian package `metapixel`): whole runs from the target's file to
 * the finished file with the same photos, grid and distance rule, tiles indexed beforehand.
 *
 *   npx tsx bench/tile-photos.ts /tmp/mosaicme-tiles 6000
 *   npm run build && npx tsx bench/engine-vs-metapixel.ts /tmp/mosaicme-tiles TARGET...  [--runs 3] [--ways plain,png]
 *
 * The plain run is the one to compare. The others are the same as PNG, with tiles mirrored both ways, in all
 * orientations, and with bounded tone. The engine runs from `dist/` in a fresh process each time, including
 * the start of Node. Near-duplicates do not count as equal, because metapixel does not recognise them: both
 * obey metapixel's rule.
 */
import { execFile } from 'node:child_process'
import { access, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import sharp from 'sharp'
import { closeThreads, comparePictures, readTileFolder } from '../engine/index.ts'

const run = promisify(execFile)
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '3' },
    ways: { type: 'string', default: 'plain,png,both,all,tone' },
    dist: { type: 'string', default: 'dist' },
    work: { type: 'string', default: join(tmpdir(), 'mosaicme-bench') },
  },
})
const [folder, ...pictures] = positionals
if (!folder || pictures.length === 0)
  throw new Error('expected a folder of tile photos and at least one target')
const { work } = values
const grid = { columns: 320, rows: 180 }
const limits = { bytes: 2 ** 30, pixels: 1e9 }

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
const seconds = async (task: () => Promise<unknown>) => {
  const started = performance.now()
  await task()
  return (performance.now() - started) / 1000
}
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!

async function indexForMetapixel(): Promise<string> {
  const index = join(work, 'metapixel')
  if (await exists(join(index, 'tables.mxt'))) return index
  await mkdir(index, { recursive: true })
  const took = await seconds(() =>
    run('metapixel-prepare', ['--width=32', '--height=32', folder!, index], { maxBuffer: 1e9 }),
  )
  console.log(`metapixel-prepare: ${took.toFixed(1)} s`)
  return index
}

/** The contents of a tile library: descriptions, pixels at the cell's size, credits. */
async function indexForEngine(): Promise<string> {
  const index = join(work, 'engine')
  if (await exists(join(index, 'credits.json'))) return index
  await mkdir(index, { recursive: true })
  const took = await seconds(async () => {
    const { tiles } = await readTileFolder(folder!)
    await writeFile(join(index, 'features'), Buffer.from(tiles.features.buffer))
    await writeFile(join(index, 'pixels'), await tiles.pixels(32, 32))
    const credits = Array.from({ length: tiles.count }, (_, i) => tiles.credit(i))
    await writeFile(join(index, 'credits.json'), JSON.stringify({ version: tiles.version, credits }))
  })
  console.log(`engine's index: ${took.toFixed(1)} s`)
  return index
}

/** Run by Node as a user of the built package would write it. */
const engineRun = `
  import { readFileSync } from 'node:fs'
  const [engine, index, target, out, more] = process.argv.slice(1)
  const { closeThreads, composeMosaic, featureLength, planMosaic } = await import(engine)
  const { version, credits } = JSON.parse(readFileSync(index + '/credits.json', 'utf8'))
  const file = readFileSync(index + '/features')
  const features = new Float32Array(new SharedArrayBuffer(file.length))
  new Uint8Array(features.buffer).set(file)
  const groups = new Uint32Array(new SharedArrayBuffer(credits.length * 4)).map((_, i) => i)
  const shared = new Uint32Array(new SharedArrayBuffer(groups.length * 4))
  shared.set(groups)
  const pixels = async () => readFileSync(index + '/pixels')
  const tiles = { version, count: credits.length, features, groups: shared, credit: (i) => credits[i], pixels }
  const plan = await planMosaic({ target: readFileSync(target), tiles, options: { cell: 32, scale: 10, distance: 5, ...JSON.parse(more) } })
  await composeMosaic({ plan, tiles, directory: out, pyramid: false })
  await closeThreads()
`

const [theirs, ours] = [await indexForMetapixel(), await indexForEngine()]
const engine = pathToFileURL(resolve(values.dist, 'bundled/engine.js')).href
const ways = {
  plain: {},
  png: { format: 'png' },
  both: { flips: 'both' },
  all: { flips: 'all' },
  tone: { tone: 'bounded' },
}
type Way = keyof typeof ways
const names = (Object.keys(ways) as Way[]).filter((way) => values.ways.split(',').includes(way))
const rows: { way: Way; speed: number; k1: number; k4: number }[] = []
console.log(
  '| target | metapixel s, k1, k4 | | s | times as fast | k1 | k4 |\n| --- | --- | --- | --- | --- | --- | --- |',
)
for (const picture of pictures) {
  const target = join(work, `${basename(picture)}.target.jpg`)
  const upright = sharp(picture).autoOrient().toColourspace('srgb').flatten({ background: '#fff' })
  await upright.resize(1024, 576).jpeg({ quality: 92 }).toFile(target)
  const theirPicture = join(work, 'metapixel.png')
  const theirTimes: number[] = []
  const ourTimes = Object.fromEntries(names.map((way) => [way, [] as number[]])) as Record<Way, number[]>
  /* Alternating, so that all run under the same conditions. */
  for (let i = 0; i < Number(values.runs); i++) {
    const sizes = ['--width=32', '--height=32', '--scale=10', '--distance=5']
    theirTimes.push(
      await seconds(() =>
        run('metapixel', ['--metapixel', target, theirPicture, '--library', theirs, ...sizes], {
          maxBuffer: 1e9,
        }),
      ),
    )
    for (const way of names) {
      const args = [engine, ours, target, work, JSON.stringify(ways[way])]
      const took = () => run(process.execPath, ['--input-type=module', '-e', engineRun, ...args])
      ourTimes[way].push(await seconds(took))
      await copyFile(join(work, way === 'png' ? 'large.png' : 'large.jpg'), join(work, `${way}.picture`))
    }
  }
  const bytes = await readFile(target)
  const before = await comparePictures(bytes, await readFile(theirPicture), grid, { limits })
  const slow = median(theirTimes)
  for (const way of names) {
    const after = await comparePictures(bytes, await readFile(join(work, `${way}.picture`)), grid, { limits })
    const fast = median(ourTimes[way])
    const row = { way, speed: slow / fast, k1: after.k1 / before.k1 - 1, k4: after.k4 / before.k4 - 1 }
    rows.push(row)
    const metapixel = way === 'plain' ? `${slow.toFixed(1)}, ${before.k1}, ${before.k4}` : ''
    console.log(
      `| ${way === 'plain' ? basename(picture) : ''} | ${metapixel} | ${way} | ${fast.toFixed(2)} | ${row.speed.toFixed(1)} | ` +
        `${after.k1} (${percent(row.k1)}) | ${after.k4} (${percent(row.k4)}) |`,
    )
  }
}
for (const way of names) {
  const own = rows.filter((row) => row.way === way)
  const mean = (name: 'speed' | 'k1' | 'k4') => own.reduce((sum, row) => sum + row[name], 0) / own.length
  console.log(
    `| mean of ${own.length} | | ${way} | | ${mean('speed').toFixed(1)} | ${percent(mean('k1'))} | ${percent(mean('k4'))} |`,
  )
}
console.log(`\n${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)} at the end`)
await closeThreads()

function percent(value: number): string {
  return `${value > 0 ? '+' : ''}${(value * 100).toFixed(1)} %`
}

/**
 * Very large mosaics: time and memory of whole runs, plan and BigTIFF, at several sizes; then how soon a
 * virtual pyramid shows a far larger one, rendered on demand.
 *
 *   npx tsx bench/tile-photos.ts /tmp/mosaicme-tiles 6000
 *   npm run build && npx tsx bench/gigapixels.ts TARGET [--sizes 1,10] [--virtual 100] [--virtual-cell 320] [--cell 128] [--format tiff]
 *
 * Each runs from `dist/` in a separate process, whose peak RSS is reported. Files are deleted once measured: 10
 * gigapixels are 11 GB. Reports CPU seconds, because the machine may be busy with other work.
 */
import { execFile } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import sharp from 'sharp'

const run = promisify(execFile)
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tiles: { type: 'string', default: '/tmp/mosaicme-tiles' },
    sizes: { type: 'string', default: '1,10' },
    virtual: { type: 'string', default: '100' },
    'virtual-cell': { type: 'string' },
    cell: { type: 'string', default: '128' },
    format: { type: 'string', default: 'tiff' },
    tone: { type: 'string', default: 'off' },
    dist: { type: 'string', default: 'dist' },
    work: { type: 'string', default: join(tmpdir(), 'mosaicme-gigapixels') },
  },
})
const [picture] = positionals
if (!picture) throw new Error('expected a target')
const { work } = values
const index = join(work, 'index')
await mkdir(index, { recursive: true })
const target = join(work, 'target.jpg')
const upright = sharp(picture).autoOrient().toColourspace('srgb').flatten({ background: '#fff' })
await upright.resize(1600, 900).jpeg({ quality: 92 }).toFile(target)
const engine = pathToFileURL(resolve(values.dist, 'bundled/engine.js')).href

const start = `
  import { readFileSync, writeFileSync } from 'node:fs'
  const [engine, tileFolder, index, target, out, options] = process.argv.slice(1)
  const { closeThreads, composeMosaic, decodePlan, encodePlan, openVirtualPyramid, planMosaic, readTileFolder } = await import(engine)
  const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6 }
  const peak = () => Math.round(process.resourceUsage().maxRSS / 1024)
  const { pyramid, ...asked } = JSON.parse(options)
`
const indexRun = `${start}
  await readTileFolder(tileFolder, { index })
  console.log(JSON.stringify({ cpu: cpu(), peak: peak() }))
`
const composeRun = `${start}
  const { tiles } = await readTileFolder(tileFolder, { index })
  const plan = await planMosaic({ target: readFileSync(target), tiles, options: asked })
  const [planned, planPeak] = [cpu(), peak()]
  const { large } = await composeMosaic({ plan, tiles, directory: out, pyramid: pyramid === 'stored' })
  await closeThreads()
  console.log(JSON.stringify({ ...large, cells: plan.cells.length, planned, planPeak, cpu: cpu(), peak: peak() }))
`
const planRun = `${start}
  const { tiles } = await readTileFolder(tileFolder, { index })
  const plan = await planMosaic({ target: readFileSync(target), tiles, options: asked })
  writeFileSync(out + '/plan.json', encodePlan(plan))
  await closeThreads()
  console.log(JSON.stringify({ cpu: cpu(), peak: peak(), cells: plan.cells.length }))
`
/*
 * What a server does for the first viewer, except for starting Node: read plan and tiles, render one tile of
 * the first view.
 */
const lookRun = `${start}
  let cpuBefore = cpu()
  let before = performance.now()
  const { tiles } = await readTileFolder(tileFolder, { index })
  const plan = decodePlan(readFileSync(out + '/plan.json'))
  const opened = performance.now() - before
  const view = await openVirtualPyramid({ plan, tiles })
  const top = Math.ceil(Math.log2(Math.max(view.width, view.height)))
  const first = await view.tile(9, 0, 0)
  if (!first) throw new Error('expected a first view')
  const firstView = { wall: performance.now() - before, cpu: (cpu() - cpuBefore) * 1000, library: opened }
  let seed = 1
  const next = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32
  const times = []
  const cpus = []
  for (let i = 0; i < 300; i++) {
    const level = 9 + Math.floor(next() * (top - 8))
    const across = Math.ceil(view.width / 2 ** (top - level) / 512)
    const down = Math.ceil(view.height / 2 ** (top - level) / 512)
    const [column, row] = [Math.floor(next() * across), Math.floor(next() * down)]
    cpuBefore = cpu()
    before = performance.now()
    if (!(await view.tile(level, column, row))) throw new Error('expected a tile')
    times.push(performance.now() - before)
    cpus.push((cpu() - cpuBefore) * 1000)
  }
  const p95 = (all) => all.sort((a, b) => a - b)[Math.floor(all.length * 0.95)]
  await closeThreads()
  console.log(JSON.stringify({ width: view.width, height: view.height, firstView, p95: p95(times), p95cpu: p95(cpus), median: times[150], peak: peak() }))
`
const runIt = async (code: string, options: object) => {
  const args = [engine, values.tiles, index, target, work, JSON.stringify(options)]
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code, ...args])
  return JSON.parse(stdout)
}

/** The scale that gives a mosaic of this many gigapixels. */
const options = (gigapixels: number, cell: number) => ({
  ...{ cell, scale: Math.sqrt((gigapixels * 1e9) / (1600 * 900)), distance: 5, tone: values.tone },
  format: values.format,
})

const indexed = await runIt(indexRun, {})
console.log(`Indexing the tiles: ${indexed.cpu.toFixed(0)} s of CPU, ${indexed.peak} MB\n`)
console.log(
  '| Gpx | cells | CPU s | CPU s a Gpx | peak RSS, MB, planning / all | bytes |\n| --- | --- | --- | --- | --- | --- |',
)
for (const size of values.sizes.split(',').filter(Boolean).map(Number)) {
  const made = await runIt(composeRun, options(size, Number(values.cell)))
  const gigapixels = (made.width * made.height) / 1e9
  await rm(made.path, { force: true })
  console.log(
    `| ${made.width} x ${made.height}: ${gigapixels.toFixed(2)} | ${made.cells} | ${made.cpu.toFixed(0)}, of which ` +
      `${made.planned.toFixed(0)} planning | ${(made.cpu / gigapixels).toFixed(1)} | ${made.planPeak} / ${made.peak} | ${made.bytes} |`,
  )
}

if (values.virtual !== '0') {
  const size = Number(values.virtual)
  /* The maximum number of cells. */
  const cell = Number(values['virtual-cell'] ?? Math.ceil(Math.sqrt((size * 1e9) / 980_000)))
  const planned = await runIt(planRun, { ...options(size, cell), format: 'tiff' })
  const seen = await runIt(lookRun, {})
  console.log(
    `\n${seen.width} x ${seen.height} (${((seen.width * seen.height) / 1e9).toFixed(0)} Gpx), ${planned.cells} cells of ${cell} px: planned in ` +
      `${planned.cpu.toFixed(0)} s of CPU, ${planned.peak} MB; first view after ${seen.firstView.wall.toFixed(0)} ms ` +
      `(${seen.firstView.cpu.toFixed(0)} ms of CPU), a tile: median ${seen.median.toFixed(1)}, p95 ${seen.p95.toFixed(1)} ms ` +
      `(${seen.p95cpu.toFixed(1)} ms of CPU), ${seen.peak} MB`,
  )
}
console.log(`\n${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)} at the end`)
await rm(work, { recursive: true, force: true })

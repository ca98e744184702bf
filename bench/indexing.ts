/**
 * Indexing: how long until photos can be matched, compared with `metapixel-prepare` 1.0.2 (Debian package
 * `metapixel`) on the same photos, alternating in one run; then the same with photos of 12 megapixels, as
 * phones take them.
 *
 *   npx tsx bench/tile-photos.ts /tmp/mosaicme-tiles 6000
 *   npm run build && npx tsx bench/indexing.ts /tmp/mosaicme-tiles [--photos 6000] [--large 48] [--runs 1]
 *
 * The engine runs from `dist/`, each time in a fresh process with an empty index, including the start of
 * Node. metapixel uses one thread, the engine all cores: seconds are wall-clock time. CPU seconds are printed
 * as well, for busy machines.
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import sharp from 'sharp'

const run = promisify(execFile)
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    photos: { type: 'string', default: '6000' },
    large: { type: 'string', default: '48' },
    runs: { type: 'string', default: '1' },
    dist: { type: 'string', default: 'dist' },
    from: { type: 'string', multiple: true, default: ['/usr/share/backgrounds', '/usr/share/wallpapers'] },
    work: { type: 'string', default: join(tmpdir(), 'mosaicme-indexing') },
  },
})
const [folder] = positionals
if (!folder) throw new Error('expected a folder of tile photos')
const { work } = values
const engine = pathToFileURL(resolve(values.dist, 'bundled/engine.js')).href
const cores = availableParallelism()

interface Took {
  /** Seconds. */
  wall: number
  cpu: number
}

/** A command's wall-clock and CPU seconds, the latter from the shell's `times` (POSIX). */
async function took(command: string[]): Promise<Took> {
  const before = performance.now()
  const { stdout } = await run('sh', ['-c', '"$@" >/dev/null && times', 'sh', ...command], { maxBuffer: 1e9 })
  const wall = (performance.now() - before) / 1000
  const children = stdout.trim().split('\n').at(-1)!
  const cpu = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, m, s]) => sum + Number(m) * 60 + Number(s),
    0,
  )
  return { wall, cpu }
}

const indexRun = `
  const [engine, photos, index] = process.argv.slice(1)
  const { readTileFolder } = await import(engine)
  const { tiles, skipped } = await readTileFolder(photos, { index })
  if (tiles.count === 0 || skipped.length > 0) throw new Error('expected tiles of all photos, ' + skipped.length + ' were left out')
`
async function ours(photos: string): Promise<Took> {
  const index = join(work, 'index')
  await rm(index, { recursive: true, force: true })
  return await took([process.execPath, '--input-type=module', '-e', indexRun, engine, photos, index])
}

async function theirs(photos: string): Promise<Took> {
  const index = join(work, 'metapixel')
  await rm(index, { recursive: true, force: true })
  await mkdir(index, { recursive: true })
  return await took(['metapixel-prepare', '--width=32', '--height=32', photos, index])
}

/** The first photos of the folder, copied to a separate one. */
async function some(count: number): Promise<string> {
  const names = (await readdir(folder!)).sort()
  if (names.length <= count) return folder!
  const photos = join(work, 'photos')
  await mkdir(photos, { recursive: true })
  for (const name of names.slice(0, count)) await copyFile(join(folder!, name), join(photos, name))
  return photos
}

/** Photos of 4,032 x 3,024 px, each another part of a wallpaper, largest wallpapers first. */
async function largePhotos(count: number): Promise<string> {
  const photos = join(work, 'large')
  await mkdir(photos, { recursive: true })
  const sources: { path: string; pixels: number }[] = []
  for (const from of values.from)
    for (const entry of await readdir(from, { recursive: true, withFileTypes: true }).catch(() => []))
      if (entry.isFile() && /\.(jpe?g|png)$/i.test(entry.name) && !/screenshot/.test(entry.name)) {
        const path = join(entry.parentPath, entry.name)
        const { width = 0, height = 0 } = await sharp(path).metadata()
        sources.push({ path, pixels: width * height })
      }
  if (sources.length === 0) throw new Error(`expected pictures in ${values.from.join(' or ')}`)
  sources.sort((a, b) => b.pixels - a.pixels || (a.path < b.path ? -1 : 1))
  const places = ['centre', 'west', 'east', 'north', 'south']
  const best = sources.slice(0, Math.max(8, Math.ceil(count / places.length)))
  for (let i = 0; i < count; i++) {
    const source = best[i % best.length]!
    const position = places[Math.floor(i / best.length) % places.length]!
    await sharp(source.path)
      .removeAlpha()
      .toColourspace('srgb')
      .resize(4032, 3024, { fit: 'cover', position })
      .jpeg({ quality: 92 })
      .toFile(join(photos, `${String(i).padStart(3, '0')}.jpg`))
  }
  return photos
}

const best = (all: Took[]) => all.reduce((least, one) => (one.wall < least.wall ? one : least))
const seconds = ({ wall, cpu }: Took) => `${wall.toFixed(1)} | ${cpu.toFixed(1)}`

async function compare(name: string, photos: string): Promise<void> {
  const files = await readdir(photos)
  const { size } = await stat(join(photos, files[files.length >> 1]!))
  const [their, our]: [Took[], Took[]] = [[], []]
  /* Alternating, so that both run under the same conditions; the page cache is warm. */
  for (let i = 0; i < Number(values.runs); i++) {
    our.push(await ours(photos))
    their.push(await theirs(photos))
  }
  const [fast, slow] = [best(our), best(their)]
  console.log(
    `| ${files.length} ${name} (${basename(files[files.length >> 1]!)}: ${Math.round(size / 1024)} KB) | | | |`,
  )
  console.log(`| metapixel-prepare | ${seconds(slow)} | ${(files.length / slow.wall).toFixed(1)} |`)
  console.log(`| engine | ${seconds(fast)} | ${(files.length / fast.wall).toFixed(1)} |`)
  console.log(
    `| times as fast | ${(slow.wall / fast.wall).toFixed(1)} | ${(slow.cpu / fast.cpu).toFixed(1)} by CPU; with ${cores} idle cores ` +
      `at most ${((slow.cpu * cores) / fast.cpu).toFixed(1)} | ${((files.length * cores) / fast.cpu).toFixed(0)} photos a second at most |`,
  )
}

await mkdir(work, { recursive: true })
console.log('| | s | CPU s | photos a second |\n| --- | --- | --- | --- |')
if (Number(values.photos) > 0) await compare('small photos', await some(Number(values.photos)))
if (Number(values.large) > 0) await compare('photos of 12 MP', await largePhotos(Number(values.large)))
console.log(`\n${cores} cores, load ${loadavg()[0]!.toFixed(1)} at the end`)
await rm(work, { recursive: true, force: true })

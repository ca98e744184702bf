/**
 * Cuts a library of tile photos from the wallpapers installed on this machine (or any folders): squares at
 * random positions and of random sizes, scaled to 300 px. The same folders give the same library.
 *
 *   npx tsx bench/tile-photos.ts OUT [COUNT=6000] [FOLDER...]
 */
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'

const [out = '/tmp/mosaicme-tiles', count = '6000', ...folders] = process.argv.slice(2)
const sources = folders.length > 0 ? folders : ['/usr/share/backgrounds', '/usr/share/wallpapers']

/** mulberry32. */
function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** All pictures, but only the largest of each folder that holds one picture in several sizes. */
async function pictures(): Promise<string[]> {
  const found: string[] = []
  for (const folder of sources) {
    const sized = new Map<string, { path: string; bytes: number }>()
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    for (const entry of entries.sort((a, b) =>
      join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
    )) {
      if (!entry.isFile() || !/\.(jpe?g|png|webp)$/i.test(entry.name)) continue
      const path = join(entry.parentPath, entry.name)
      const inSizes = /^\d+x\d+\./.test(entry.name)
      const key = inSizes ? entry.parentPath : path
      const { size } = await stat(path)
      if (/screenshot/.test(entry.name) || size < 30_000) continue
      if (size > (sized.get(key)?.bytes ?? 0)) sized.set(key, { path, bytes: size })
    }
    found.push(...[...sized.values()].map(({ path }) => path))
  }
  return found.sort()
}

const files = await pictures()
await mkdir(out, { recursive: true })
const perFile = Math.ceil(Number(count) / files.length)
const next = random(42)
let made = 0
for (const file of files) {
  const { data, info } = await sharp(file)
    .autoOrient()
    .resize(2400, 2400, { fit: 'inside', withoutEnlargement: true })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const crops = Array.from({ length: Math.min(perFile, Number(count) - made) }, () => {
    const side = Math.floor(Math.min(info.width, info.height) * (0.08 + 0.45 * next() ** 2))
    return {
      side: Math.max(16, side),
      left: Math.floor(next() * (info.width - side)),
      top: Math.floor(next() * (info.height - side)),
      name: `${String(made++).padStart(5, '0')}.jpg`,
    }
  })
  await Promise.all(
    crops.map(({ side, left, top, name }) =>
      sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } })
        .extract({ left, top, width: side, height: side })
        .resize(300, 300)
        .jpeg({ quality: 88 })
        .toFile(join(out, name)),
    ),
  )
}
console.log(`${made} tile photos of ${files.length} pictures in ${out}`)

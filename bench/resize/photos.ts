import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'

/** The size used in the docs: 2040 x 1356, JPEG. */
const size = { width: 2040, height: 1356 }

/** Real photos of one size, cut from the wallpapers on this machine. Made once. */
export async function photos(
  folder: string,
  count: number,
  from = ['/usr/share/backgrounds', '/usr/share/wallpapers'],
) {
  await mkdir(folder, { recursive: true })
  const names = Array.from({ length: count }, (_, n) => `${String(n).padStart(2, '0')}.jpg`)
  const there = new Set(await readdir(folder))
  if (!names.every((name) => there.has(name))) {
    const sources: string[] = []
    for (const place of from)
      for (const entry of await readdir(place, { recursive: true, withFileTypes: true }).catch(() => []))
        if (entry.isFile() && /\.jpe?g$/i.test(entry.name)) sources.push(join(entry.parentPath, entry.name))
    const large: string[] = []
    for (const source of sources.sort()) {
      const { width = 0, height = 0 } = await sharp(source).metadata()
      if (width >= size.width && height >= size.height) large.push(source)
    }
    if (large.length === 0)
      throw new Error(`expected photos of at least ${size.width} px in ${from.join(', ')}`)
    for (const [n, name] of names.entries()) {
      const photo = sharp(large[n % large.length]).resize({ ...size, fit: 'cover' })
      if (n >= large.length) photo.flop()
      await writeFile(join(folder, name), await photo.jpeg({ quality: 90 }).toBuffer())
    }
  }
  return await Promise.all(
    names.map(async (name) => ({
      name,
      path: join(folder, name),
      bytes: await readFile(join(folder, name)),
    })),
  )
}

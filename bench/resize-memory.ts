/**
 * Peak memory of a process that resizes 36-megapixel JPEGs, four at once.
 *
 *   npm run build && npx tsx bench/resize-memory.ts [--photos 24]
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import sharp from 'sharp'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { photos: { type: 'string', default: '24' } },
})
const [file] = positionals

if (file) await underMeasure(file, Number(values.photos))
else await measure()

/** In a process of its own, so that nothing but resizing is in it. */
async function measure(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-memory-'))
  try {
    const path = join(folder, 'large.jpg')
    const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 }
    const grain = sharp({ create: { width: 1500, height: 1000, channels: 3, background: '#777', noise } })
    await writeFile(path, await grain.resize(7360, 4912).jpeg({ quality: 88 }).toBuffer())
    const argv = [...process.execArgv, resolve(process.argv[1]!), path, '--photos', values.photos]
    const { stdout } = await promisify(execFile)(process.execPath, argv)
    console.log(stdout.trim())
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function underMeasure(path: string, count: number): Promise<void> {
  const { resizePicture } = await import('../engine/index.ts')
  let next = 0
  const lane = async () => {
    while (next++ < count) await resizePicture(readFileSync(path), { width: 1024, quality: 80 })
  }
  await Promise.all([lane(), lane(), lane(), lane()])
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  console.log(
    `${count} JPEGs of 36 megapixels to 1,024 px, 4 at once: peak RSS ${Math.round(Number(peak) / 1024)} MB`,
  )
}

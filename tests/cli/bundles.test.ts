/** The bundled programs of the build: see scripts/bundle.mjs. */
import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { newFolder } from '../tiles/stores.ts'

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

async function importsOf(file: string): Promise<string[]> {
  const code = await readFile(file, 'utf8')
  return [...code.matchAll(/^(?:import|export)\b[^;'"]*?(?:from )?"([^"]+)";$|\bimport\("([^"]+)"\)/gm)].map(
    ([, always, late]) => always ?? late!,
  )
}

it('load no module twice: nothing that is bundled imports a module outside its bundle', async () => {
  const folder = join(root, 'dist/bundled')
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js'))
  const found = await Promise.all(files.map((name) => importsOf(join(folder, name))))
  expect(found.flat()).toContain('sharp')
  expect(found.flat().filter((specifier) => specifier.startsWith('.'))).not.toEqual([])
  expect(
    found.flat().filter((specifier) => /\.\.\/(?!mosaicme\.js)|^(zod|hono|@hono\/zod)/.test(specifier)),
  ).toEqual([])
})

it('give threads and child processes entries that load no other file of ours', async () => {
  for (const name of ['thread-entry', 'encode-band', 'apart/compose-process', 'apart/resize-process']) {
    const all = await importsOf(join(root, `dist/engine/${name}.js`))
    expect(all.length, name).toBeGreaterThan(0)
    expect(
      all.filter((specifier) => specifier.startsWith('.')),
      name,
    ).toEqual([])
  }
})

it('are what other programs import as mosaicme/engine', async () => {
  const target = join(await newFolder(), 'target.png')
  await writeFile(
    target,
    await sharp({ create: { width: 64, height: 48, channels: 3, background: '#38a' } })
      .png()
      .toBuffer(),
  )
  const program = `
    import { readFileSync } from 'node:fs'
    import { closeThreads, resizePicture } from 'mosaicme/engine'
    console.log(import.meta.resolve('mosaicme/engine'))
    const made = await resizePicture(readFileSync(process.argv[1]), { width: 32 })
    console.log(made.width, made.height, made.format)
    await closeThreads()
  `
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program, target], {
    cwd: root,
  })
  expect(stdout.split('\n').slice(0, 2)).toEqual([
    expect.stringMatching(/dist\/bundled\/engine\.js$/),
    '32 24 jpeg',
  ])
})

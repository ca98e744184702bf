/** Redirection of imported sources to the build, under `npm test`. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { builtFiles, builtFrom } from '../setup/built-sources.ts'

const root = resolve(import.meta.dirname, '../..')

it('applies to built sources, and to nothing else', async () => {
  const dist = await mkdtemp(join(tmpdir(), 'mosaicme-dist-'))
  onTestFinished(() => rm(dist, { recursive: true, force: true }))
  await mkdir(join(dist, 'engine'))
  await mkdir(join(dist, 'web'))
  for (const file of ['engine/index.js', 'web/pages.js']) await writeFile(join(dist, file), '')
  const from = (source: string) => builtFrom(dist, source, join(root, 'tests/engine/quadtree.test.ts'))
  expect(from('../../engine/index.ts')).toBe(join(dist, 'engine/index.js'))
  expect(from('../../web/pages.tsx')).toBe(join(dist, 'web/pages.js'))
  // Not built; a test file; a package; a script.
  for (const source of ['../../engine/other.ts', './pictures.ts', 'sharp', '../../scripts/build.mjs'])
    expect(from(source), source).toBeUndefined()
})

it('loads them with Node, but not packages', () => {
  expect(join(root, 'dist/engine/index.js')).toMatch(builtFiles)
  for (const file of ['node_modules/some/dist/index.js', 'engine/index.ts', 'tests/dist/one.js'])
    expect(join(root, file)).not.toMatch(builtFiles)
})

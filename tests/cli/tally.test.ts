import { execFile } from 'node:child_process'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { scratchFolder } from './scratch.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('counts passes, failures and skips of all suites, and files that do not load as failures', async () => {
  const folder = await scratchFolder()
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'vitest.config.mjs'), 'export default { test: { pool: "threads" } }')
  const suite = `
    import { describe, expect, test } from 'vitest'
    test('passes', () => {})
    describe('inner', () => { test('passes too', () => {}); test('fails', () => expect(1).toBe(2)) })
    test.skip('is skipped', () => {})
    test.todo('is to come')
  `
  await writeFile(join(folder, 'one.test.js'), suite)
  await writeFile(join(folder, 'two.test.js'), `import './nowhere.js'`)
  const file = join(folder, 'tally.json')
  const vitest = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    `--reporter=${join(root, 'scripts/tally.mjs')}`,
  ]
  const env = { PATH: process.env.PATH, MOSAICME_TALLY: file }
  await expect(promisify(execFile)(process.execPath, vitest, { cwd: folder, env })).rejects.toMatchObject({
    code: 1,
  })
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ passed: 2, failed: 2, skipped: 2 })
})

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openScratch } from '../../activities/scratch.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scratch-test-'))
})
afterEach(async () => await rm(folder, { recursive: true, force: true }))

it('gives each use its own folder and removes it, even after a failure', async () => {
  const scratch = await openScratch(folder)
  const [a, b] = await Promise.all([
    scratch.use(async (own) => own),
    scratch.use(async (own) => {
      await writeFile(join(own, 'half.jpg'), 'x')
      return own
    }),
  ])
  expect(a).not.toBe(b)
  await expect(scratch.use(async () => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full')
  expect(await readdir(folder)).toEqual([])
})

it('removes folders of killed processes, and leaves those of living ones', async () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const left = join(folder, `${dead}@${hostname()}-left`)
  const used = join(folder, `${process.ppid}@${hostname()}-used`)
  mkdirSync(left)
  mkdirSync(used)
  const elsewhere = join(folder, `${dead}@another-host-used`)
  mkdirSync(elsewhere)
  await openScratch(folder)
  expect(existsSync(left)).toBe(false)
  expect(existsSync(used)).toBe(true)
  expect(existsSync(elsewhere)).toBe(true)
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { addTiles, openTileLibrary } from '../../activities/tile-library/index.ts'
import { programAt } from '../setup/programs.ts'
import { photos, range } from './photos.ts'
import { newFolder, newStore } from './stores.ts'

const program = programAt(new URL('adding-process.ts', import.meta.url))

function start(folder: string, from: number, to: number) {
  const child = spawn(process.execPath, [...program, folder, 'cats', String(from), String(to)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // Attached at once, since it may end before anybody awaits it.
  return { child, ended: once(child, 'exit'), lines: createInterface({ input: child.stdout }) }
}

describe('a process that adds photos', () => {
  it('can be killed at any point: its library is intact, and a second run adds what is missing', async () => {
    const folder = await newFolder()
    for (const killAt of [3, 14, 21]) {
      const { child, ended, lines } = start(folder, 0, 400)
      for await (const line of lines) if (Number(line) >= killAt) break
      child.kill('SIGKILL')
      await ended
    }
    const store = await newStore(folder)
    const set = await openTileLibrary({ store, library: 'cats', cacheDirectory: await newFolder() })
    expect(set.count).toBeGreaterThanOrEqual(16)
    expect(await set.pixels(8, 8)).toHaveLength(set.count * 192)

    const result = await addTiles({ store, library: 'cats', photos: photos(range(0, 48)) })
    expect(result).toMatchObject({ nearDuplicates: 0, skipped: [], size: 48 })
    expect(result.duplicates).toBeGreaterThanOrEqual(16)
    const { objects } = await store.list('raw', { prefix: 'cats/photos/' })
    expect(objects).toHaveLength(48)
  })

  it('can run next to another one that adds some of the same photos', async () => {
    const folder = await newFolder()
    const both = [start(folder, 0, 30), start(folder, 15, 45)]
    const ends = await Promise.all(both.map(({ ended }) => ended))
    expect(ends.map(([code]) => code)).toEqual([0, 0])
    const store = await newStore(folder)
    const set = await openTileLibrary({ store, library: 'cats', cacheDirectory: await newFolder() })
    expect(set.count).toBe(45)
  })
})

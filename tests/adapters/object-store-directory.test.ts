import { mkdtemp, open, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadEnvironment } from '../../adapters/environment.ts'
import { pathOf, pathOfFolder } from '../../adapters/object-store/directory/path.ts'
import { DirectoryObjectStore } from '../../adapters/object-store/directory.ts'
import { openObjectStore } from '../../adapters/object-store/open-object-store.ts'
import { objectStoreContract } from './object-store.contract.ts'

objectStoreContract('directory', {
  async start() {
    const folder = await mkdtemp(join(tmpdir(), 'mosaicme-objects-'))
    return { recipe: { directory: folder }, stop: () => rm(folder, { recursive: true }) }
  },
  keysInsideKeys: true,
  longestSegment: 1024,
  byteOrder: true,
})

describe('object store in a directory', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mosaicme-objects-'))
  })
  afterEach(() => rm(folder, { recursive: true }))
  const files = async () =>
    (await readdir(folder, { recursive: true, withFileTypes: true })).filter((e) => e.isFile())

  it('is what the environment asks for by default', async () => {
    const store = await openObjectStore(loadEnvironment({ DATA_DIR: folder }))
    expect(store.description).toBe(`directory ${folder}/objects`)
  })

  it('writes nothing outside its folders, and distinguishes names where case is folded', async () => {
    const store = new DirectoryObjectStore(folder)
    await store.open()
    for (const key of ['a', 'A', 'a/..b', '%2e%2e/x', '..%2f..%2fx', 'é', 'e\u0301'])
      await store.put('in', key, Buffer.from('x'))
    const names = (await files()).map((entry) =>
      join(entry.parentPath, entry.name).slice(folder.length).toLowerCase(),
    )
    expect(new Set(names).size).toBe(7)
    for (const name of names) expect(name).toMatch(/^\/in\/[a-z0-9%_.+/-]+$/)
  })

  it('reads no folder above the listed one', async () => {
    const store = new DirectoryObjectStore(folder)
    await store.open()
    for (const key of ['a/b/c', 'a/b/d', 'a/bc/d', 'a/b']) await store.put('in', key, Buffer.from('x'))
    expect(pathOfFolder('a/b/c')).toEqual(['a+', 'b+'])
    expect(pathOfFolder('a')).toEqual([])
    expect(pathOfFolder('../x/')).toEqual(pathOf('../x/').slice(0, -1))
    const keys = async (prefix: string) => (await store.list('in', { prefix })).objects.map(({ key }) => key)
    expect(await keys('a/b/')).toEqual(['a/b/c', 'a/b/d'])
    expect(await keys('a/b')).toEqual(['a/b', 'a/b/c', 'a/b/d', 'a/bc/d'])
    expect(await keys('a/x/')).toEqual([])
  })

  it('removes files of killed writers, and not those of living ones', async () => {
    const store = new DirectoryObjectStore(folder)
    await store.open()
    await writeFile(join(folder, '.half-written', 'old'), 'x')
    await writeFile(join(folder, '.half-written', 'young'), 'x')
    const twoHoursAgo = Date.now() / 1000 - 7200
    await utimes(join(folder, '.half-written', 'old'), twoHoursAgo, twoHoursAgo)
    await store.open()
    expect(await readdir(join(folder, '.half-written'))).toEqual(['young'])
  })

  it('leaves neither empty folders nor half-written files behind', async () => {
    const store = new DirectoryObjectStore(folder)
    await store.open()
    await store.put('in', 'a/b/c/d', Buffer.from('x'))
    await store.put('in', 'a/x', Buffer.from('x'), { mode: 'create' })
    await store.put('in', 'a/x', Buffer.from('x'), { mode: 'create' }).catch(() => undefined)
    await store.delete('in', ['a/b/c/d', 'a/x'])
    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      '.half-written',
      'in',
      'large',
      'raw',
      'small',
    ])
  })

  it('ignores foreign files, and reports damaged ones', async () => {
    const store = new DirectoryObjectStore(folder)
    await store.open()
    await store.put('in', 'fine', Buffer.from('x'))
    await writeFile(join(folder, 'in', '.DS_Store'), 'finder')
    expect((await store.list('in')).objects).toHaveLength(1)
    for (const bytes of ['', 'no trailer', `${'x'.repeat(50)}\0\0\0\u0008mosaicme`]) {
      await writeFile(join(folder, 'in', 'damaged'), bytes)
      await expect(store.get('in', 'damaged')).rejects.toMatchObject({
        code: 'object_damaged',
        retryable: false,
      })
      const { objects } = await store.list('in')
      expect(objects.map(({ key, size }) => [key, size])).toEqual([
        ['damaged', bytes.length],
        ['fine', 1],
      ])
    }
    await store.delete('in', 'damaged')
    expect((await store.list('in')).objects).toHaveLength(1)
  })

  it('waits for the disk, unless it is told that it need not', async () => {
    const store = new DirectoryObjectStore(folder)
    await store.open()
    const file = await open(join(folder, 'a file'), 'w')
    const synced = vi.spyOn(Object.getPrototypeOf(file) as typeof file, 'datasync')
    await file.close()
    await store.put('in', 'quick', Buffer.from('x'), { synced: false })
    expect(synced).not.toHaveBeenCalled()
    await store.put('in', 'lasting', Buffer.from('x'))
    expect(synced).toHaveBeenCalledOnce()
    synced.mockRestore()
  })

  it('reports that it is not writable', async () => {
    await writeFile(join(folder, 'file'), '')
    const store = new DirectoryObjectStore(join(folder, 'file', 'objects'))
    await expect(store.open()).rejects.toThrow(/the object store in .*file\/objects, got ENOTDIR/)
  })

  it('stores the 1,300 files of a deep zoom pyramid at once', async () => {
    const store = new DirectoryObjectStore(folder)
    await store.open()
    const tile = Buffer.alloc(12_000, 'x')
    const keys = Array.from({ length: 1300 }, (_, i) => `m_files/${i % 13}/${i}_0.jpg`)
    await Promise.all(keys.map((key) => store.put('large', key, tile, { contentType: 'image/jpeg' })))
    expect((await store.list('large', { prefix: 'm_files/' })).objects).toHaveLength(1000)
  })
})

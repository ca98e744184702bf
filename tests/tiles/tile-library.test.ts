import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  addTiles,
  listLibraries,
  listTiles,
  openTileLibrary,
  type PhotoOffer,
  removeLibrary,
  removeTiles,
} from '../../activities/tile-library/index.ts'
import { presentTiles } from '../../activities/tile-library/library-state.ts'
import { rewriteSegments } from '../../activities/tile-library/merge-segments.ts'
import type { ObjectStore } from '../../adapters/object-store/object-store.ts'
import { tileId } from '../../engine/tile.ts'
import type { SegmentIndex } from '../../engine/tile-segment.ts'
import { featureLength } from '../../engine/tile-set.ts'
import { type StoreRecipe, storeFrom } from '../adapters/stalling-writer.ts'
import { startS3 } from '../servers/s3.ts'
import { photo, photos, range } from './photos.ts'
import { newFolder, newStore, watched } from './stores.ts'

const library = 'cats'

const keysOf = async (store: ObjectStore, prefix: string) =>
  (await store.list('raw', { prefix })).objects.map(({ key }) => key)

async function open(store: ObjectStore, name = library) {
  return await openTileLibrary({ store, library: name, cacheDirectory: await newFolder() })
}

describe.each(['a folder', 'S3'])('a tile library in %s', (kind) => {
  let recipe: StoreRecipe
  let stop: (() => Promise<void>) | undefined
  beforeAll(async () => {
    if (kind === 'a folder') return
    const server = await startS3()
    stop = () => server.stop()
    const buckets = { in: 'mosaic-in', raw: 'mosaic-raw', large: 'mosaic-outlarge', small: 'mosaic-outsmall' }
    const credentials = { accessKeyId: server.accessKey, secretAccessKey: server.secretKey }
    recipe = {
      s3: {
        endpoint: server.endpoint,
        region: 'us-east-1',
        forcePathStyle: true,
        checksums: 'when_required',
        buckets,
        credentials,
      },
    }
  })
  afterAll(() => stop?.())

  it('can be filled, opened, listed, reduced and removed', async () => {
    const store = storeFrom(recipe ?? { directory: await newFolder() })
    await store.open()
    const author = { name: '名前 🎉', url: 'https://example.org/me' }
    async function* offers(): AsyncGenerator<PhotoOffer> {
      for await (const offer of photos(range(0, 6))) yield { ...offer, author }
    }
    expect(await addTiles({ store, library, photos: offers() })).toEqual({
      added: 6,
      duplicates: 0,
      nearDuplicates: 0,
      skipped: [],
      size: 6,
    })
    const first = await photo(0)
    const kept = await store.get('raw', `cats/photos/${tileId(first)}`)
    expect(kept.contentType).toBe('image/jpeg')
    expect((await buffer(kept.body)).equals(first)).toBe(true)

    const set = await open(store)
    expect(set.count).toBe(6)
    expect(set.features).toHaveLength(6 * featureLength)
    expect(set.features.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(await set.pixels(16, 16)).toHaveLength(6 * 16 * 16 * 3)
    expect(range(0, 6).map((n) => set.credit(n).source)).toContain('photo 3.jpg')
    expect(set.credit(0).author).toEqual(author)

    // "cats-2/" sorts before "cats/" by the bytes of the keys.
    await addTiles({ store, library: 'cats-2', photos: photos([7]) })
    await addTiles({ store, library: 'dogs', photos: photos([8]) })
    const names = (await listLibraries({ store })).map(({ name, tiles }) => `${name} ${tiles}`)
    expect(names).toEqual(['cats 6', 'cats-2 1', 'dogs 1'])

    const gone = set.credit(2).id
    expect(await removeTiles({ store, library, tileIds: [gone, 'f00'] })).toEqual({
      removed: 1,
      unknown: ['f00'],
      size: 5,
    })
    expect((await listTiles({ store, library })).map(({ id }) => id)).not.toContain(gone)
    expect(await removeLibrary({ store, library })).toEqual({ removed: 5 })
    expect(await keysOf(store, 'cats/')).toEqual([])
    expect((await listLibraries({ store })).map(({ name }) => name)).toEqual(['cats-2', 'dogs'])
    await store.close()
  })
})

describe('adding photos', () => {
  it('indexes only new photos, and reads no other again', async () => {
    const folder = await newFolder()
    await addTiles({ store: await newStore(folder), library, photos: photos(range(0, 30)) })
    const calls: string[] = []
    const store = watched(await newStore(folder), (operation, key) => calls.push(`${operation} ${key}`))
    const result = await addTiles({ store, library, photos: photos(range(0, 31)) })
    expect(result).toMatchObject({ added: 1, duplicates: 30, size: 31 })
    const puts = calls.filter((call) => call.startsWith('put'))
    expect(puts).toHaveLength(2)
    expect(puts[1]).toMatch(/^put cats\/segments\/000001-/)
    expect(calls.filter((call) => /^get .*\/photos\//.test(call))).toEqual([])
    calls.length = 0
    expect(await addTiles({ store, library, photos: photos(range(0, 31)) })).toMatchObject({ duplicates: 31 })
    expect(calls.filter((call) => !/^(list|get)/.test(call))).toEqual([])
  })

  it('skips and names files that are not pictures, and keeps the rest', async () => {
    const store = await newStore()
    const whole = await photo(1)
    const offers: PhotoOffer[] = [
      { name: 'notes.txt', bytes: Buffer.from('remember the milk') },
      { name: 'empty.jpg', bytes: new Uint8Array() },
      { name: 'torn.jpg', bytes: whole.subarray(0, whole.length / 2) },
      { name: 'gone.jpg', error: Object.assign(new Error('HTTP 404'), { code: 'fetch_failed' }) },
      { name: 'vanished.jpg', error: new Error('who knows') },
      { name: 'large.jpg', bytes: await photo(2, { width: 900, height: 900 }) },
      { name: 'good.jpg', bytes: whole },
      { name: 'good again.jpg', bytes: whole },
    ]
    const seen: number[] = []
    const result = await addTiles({
      store,
      library,
      photos: offers,
      limits: { pixels: 500_000 },
      concurrency: 3,
      onProgress: (done) => seen.push(done),
    })
    expect(result).toMatchObject({ added: 1, duplicates: 1, size: 1 })
    expect(Object.fromEntries(result.skipped.map(({ name, code }) => [name, code]))).toEqual({
      'notes.txt': 'not_an_image',
      'empty.jpg': 'empty_input',
      'torn.jpg': 'image_truncated',
      'gone.jpg': 'fetch_failed',
      'vanished.jpg': 'unreadable',
      'large.jpg': 'too_many_pixels',
    })
    expect(seen).toEqual(range(1, 9))
    expect(await keysOf(store, 'cats/photos/')).toHaveLength(1)
  })

  it('keeps near-duplicates, in one group', async () => {
    const store = await newStore()
    await addTiles({ store, library, photos: photos(range(0, 20)) })
    const copy = await photo(9, { width: 300, height: 225, quality: 60 })
    const result = await addTiles({ store, library, photos: [{ name: 'copy.jpg', bytes: copy }] })
    expect(result).toMatchObject({ added: 1, nearDuplicates: 1, size: 21 })
    const set = await open(store)
    expect(new Set(set.groups).size).toBe(20)
    const alike = range(0, 21).filter((n) => set.groups.filter((group) => group === set.groups[n]).length > 1)
    expect(alike.map((n) => set.credit(n).source).sort()).toEqual(['copy.jpg', 'photo 9.jpg'])
  })

  it('by two concurrent writers with common photos adds each photo once', async () => {
    const folder = await newFolder()
    const results = await Promise.all(
      [range(0, 24), range(12, 36)].map(async (numbers) =>
        addTiles({ store: await newStore(folder), library, photos: photos(numbers), batch: 5 }),
      ),
    )
    expect(results.every(({ skipped }) => skipped.length === 0)).toBe(true)
    const set = await open(await newStore(folder))
    expect(set.count).toBe(36)
    expect(new Set(range(0, 36).map((n) => set.credit(n).source)).size).toBe(36)
  })

  it('gives the same library in any order and portions', async () => {
    const [one, other] = [await newStore(), await newStore()]
    await addTiles({ store: one, library, photos: photos(range(0, 12)) })
    for (const part of [range(6, 12), [0], range(0, 8)])
      await addTiles({ store: other, library, photos: photos(part), batch: 2 })
    const [set, same] = [await open(one), await open(other)]
    expect(same.version).toBe(set.version)
    expect(same.features).toEqual(set.features)
    expect(Buffer.from(await same.pixels(20, 20)).equals(await set.pixels(20, 20))).toBe(true)
    await addTiles({ store: other, library, photos: photos([12]) })
    expect((await open(other)).version).not.toBe(set.version)
  })

  it('keeps finished tiles when the store fails, and can be resumed', async () => {
    const inner = await newStore()
    let failing = true
    let segments = 0
    const store = watched(inner, (operation, key) => {
      if (failing && operation === 'put' && key.includes('/segments/') && ++segments > 2)
        throw new Error('disk full')
    })
    const adding = addTiles({ store, library, photos: photos(range(0, 20)), batch: 4 })
    await expect(adding).rejects.toThrow('disk full')
    failing = false
    const again = await addTiles({ store, library, photos: photos(range(0, 20)), batch: 4 })
    expect(again).toMatchObject({ added: 12, duplicates: 8, size: 20 })
  })

  it('notices a failure even while it waits for the next photo', async () => {
    let fail = () => {}
    const failed = new Promise<void>((resolve) => {
      fail = resolve
    })
    const store = watched(await newStore(), (operation) => {
      if (operation !== 'put') return
      fail()
      throw new Error('disk full')
    })
    async function* slow(): AsyncGenerator<PhotoOffer> {
      yield* photos([0])
      await failed
      for (let turn = 0; turn < 5; turn++) await setImmediate()
      yield* photos([1])
    }
    await expect(addTiles({ store, library, photos: slow(), concurrency: 4 })).rejects.toThrow('disk full')
  })

  it('can be aborted, keeping finished tiles', async () => {
    const store = await newStore()
    const stop = new AbortController()
    const adding = addTiles({
      store,
      library,
      photos: photos(range(0, 500)),
      signal: stop.signal,
      onProgress: (done) => done === 9 && stop.abort(new Error('cancelled')),
    })
    await expect(adding).rejects.toThrow('cancelled')
    const { size, duplicates } = await addTiles({ store, library, photos: photos(range(0, 12)) })
    expect(size).toBe(12)
    expect(duplicates).toBeGreaterThanOrEqual(8)
  })

  it.each(['Cats', '', '../cats', 'a/b', '-cats', 'c'.repeat(64)])(
    'refuses the library name %j',
    async (name) => {
      const store = await newStore()
      const adding = addTiles({ store, library: name, photos: photos([1]) })
      await expect(adding).rejects.toMatchObject({ code: 'library_name_invalid', retryable: false })
      expect(await keysOf(store, '')).toEqual([])
    },
  )
})

describe('removing tiles', () => {
  it('leaves nothing of them, and they can be added again', async () => {
    const store = await newStore()
    await addTiles({ store, library, photos: photos(range(0, 10)) })
    const before = await open(store)
    const ids = range(0, 4).map((n) => before.credit(n).id)
    expect(await removeTiles({ store, library, tileIds: ids })).toMatchObject({ removed: 4, size: 6 })
    expect((await open(store)).count).toBe(6)
    const photoKeys = await keysOf(store, 'cats/photos/')
    expect(photoKeys.filter((key) => ids.some((id) => key.endsWith(id)))).toEqual([])
    for (const key of await keysOf(store, 'cats/segments/')) {
      const bytes = await buffer((await store.get('raw', key)).body)
      expect(ids.filter((id) => bytes.includes(id))).toEqual([])
    }
    expect(await removeTiles({ store, library, tileIds: ids })).toMatchObject({ removed: 0, unknown: ids })

    expect(await addTiles({ store, library, photos: photos(range(0, 10)) })).toMatchObject({
      added: 4,
      size: 10,
    })
    expect((await open(store)).version).toBe(before.version)
  })

  it('takes effect even if it is killed before deleting the photo, and is completed by a repeat', async () => {
    const inner = await newStore()
    await addTiles({ store: inner, library, photos: photos(range(0, 4)) })
    const id = (await open(inner)).credit(1).id
    const dying = watched(inner, (operation) => {
      if (operation === 'delete') throw new Error('killed')
    })
    await expect(removeTiles({ store: dying, library, tileIds: [id] })).rejects.toThrow('killed')
    expect((await open(inner)).count).toBe(3)
    await removeTiles({ store: inner, library, tileIds: [id] })
    expect(await keysOf(inner, `cats/photos/${id}`)).toEqual([])
    expect((await open(inner)).count).toBe(3)
  })
})

describe('merging segments', () => {
  it('keeps a library that grows photo by photo in few segments, with its version and pixels unchanged', async () => {
    const [store, whole] = [await newStore(), await newStore()]
    for (const n of range(0, 30)) await addTiles({ store, library, photos: photos([n]) })
    await addTiles({ store: whole, library, photos: photos(range(0, 30)) })
    expect((await keysOf(store, 'cats/segments/')).length).toBeLessThan(12)
    const [set, same] = [await open(store), await open(whole)]
    expect(set.version).toBe(same.version)
    expect(Buffer.from(await set.pixels(24, 24)).equals(await same.pixels(24, 24))).toBe(true)
  })

  it('does not rewrite hundreds of tiles while others are added one by one', async () => {
    const store = await newStore()
    await addTiles({ store, library, photos: photos(range(0, 70)) })
    const [large] = await keysOf(store, 'cats/segments/')
    for (const n of range(70, 84)) await addTiles({ store, library, photos: photos([n]) })
    const keys = await keysOf(store, 'cats/segments/')
    expect(keys).toContain(large)
    expect(keys.length).toBeLessThan(12)
  })

  it('by many concurrent writers loses nothing, and readers always see a complete library', async () => {
    const folder = await newFolder()
    await addTiles({ store: await newStore(folder), library, photos: photos(range(0, 4)) })
    let writing = true
    const counts: number[] = []
    const reading = (async () => {
      while (writing) {
        const set = await open(await newStore(folder))
        counts.push(set.count)
        expect(await set.pixels(4, 4)).toHaveLength(set.count * 48)
      }
    })()
    await Promise.all(
      [range(4, 24), range(20, 40)].map(async (numbers) => {
        const store = await newStore(folder)
        for (const n of numbers) await addTiles({ store, library, photos: photos([n]) })
      }),
    )
    writing = false
    await reading
    expect(counts.length).toBeGreaterThan(2)
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    expect((await open(await newStore(folder))).count).toBe(40)
  })

  it('leaves no pixels of a tile that is removed meanwhile', async () => {
    const inner = await newStore()
    for (const n of range(0, 11)) await addTiles({ store: inner, library, photos: photos([n]) })
    const { id } = (await open(inner)).credit(5)
    let removed = false
    const store = watched(inner, async (operation, key) => {
      if (operation !== 'put' || removed || !key.startsWith('cats/segments/000012-')) return
      removed = true
      await removeTiles({ store: inner, library, tileIds: [id] })
    })
    expect(await addTiles({ store, library, photos: photos([11]) })).toMatchObject({ size: 11 })
    expect(removed).toBe(true)
    for (const key of await keysOf(inner, 'cats/segments/'))
      expect((await buffer((await inner.get('raw', key)).body)).includes(id)).toBe(false)
  })

  it('makes a concurrent reader read again', async () => {
    const inner = await newStore()
    for (const n of range(0, 11)) await addTiles({ store: inner, library, photos: photos([n]) })
    let merged = false
    const store = watched(inner, async (operation) => {
      if (operation !== 'get' || merged) return
      merged = true
      await addTiles({ store: inner, library, photos: photos([11]) })
      expect(await keysOf(inner, 'cats/segments/')).toHaveLength(1)
    })
    expect((await open(store)).count).toBe(12)
  })

  it('does not affect a set opened before', async () => {
    const store = await newStore()
    for (const n of range(0, 11)) await addTiles({ store, library, photos: photos([n]) })
    const set = await open(store)
    await addTiles({ store, library, photos: photos([11]) })
    expect(await keysOf(store, 'cats/segments/')).toHaveLength(1)
    expect(await set.pixels(4, 4)).toHaveLength(11 * 48)
  })

  it('keeps segments without removed tiles', async () => {
    const store = await newStore()
    await addTiles({ store, library, photos: photos(range(0, 3)) })
    const keys = await keysOf(store, 'cats/segments/')
    await rewriteSegments(store, library, keys)
    expect(await keysOf(store, 'cats/segments/')).toEqual(keys)
  })

  it('keeps the copy added last, since others may be removed ones', async () => {
    const entry = (addedAt: number) => ({
      id: 'a',
      source: `${addedAt}`,
      addedAt,
      fingerprint: new Uint8Array(20),
    })
    const segment = (addedAt: number): SegmentIndex => ({
      recipe: 1,
      tiles: [entry(addedAt)],
      features: new Float32Array(featureLength),
      sheet: { start: 0, length: 0, sha256: '' },
    })
    const segments = new Map([2, 3, 1].map((addedAt) => [`${addedAt}`, segment(addedAt)]))
    expect(presentTiles(segments, new Map()).get('a')?.segment).toBe('3')
    expect(presentTiles(segments, new Map([['a', 2]])).get('a')?.segment).toBe('3')
    expect(presentTiles(segments, new Map([['a', 3]])).size).toBe(0)
  })

  it('can be killed half-way: duplicate tiles count once', async () => {
    const inner = await newStore()
    const dying = watched(inner, (operation) => {
      if (operation === 'delete') throw new Error('killed')
    })
    const adding = (async () => {
      for (const n of range(0, 20)) await addTiles({ store: dying, library, photos: photos([n]) })
    })()
    await expect(adding).rejects.toThrow('killed')
    const left = (await open(inner)).count
    expect(await keysOf(inner, 'cats/segments/')).toHaveLength(left + 1)
    expect(await addTiles({ store: inner, library, photos: photos(range(0, 20)) })).toMatchObject({
      duplicates: left,
      size: 20,
    })
    expect((await keysOf(inner, 'cats/segments/')).length).toBeLessThan(12)
  })
})

describe('opening a library', () => {
  it('that does not exist, or is empty, says how to add tiles', async () => {
    const store = await newStore()
    await expect(open(store)).rejects.toMatchObject({
      code: 'library_not_found',
      message: expect.stringContaining('mosaicme tiles add FOLDER --library cats'),
    })
    await expect(removeLibrary({ store, library })).rejects.toMatchObject({ code: 'library_not_found' })
    await expect(listTiles({ store, library })).rejects.toMatchObject({ code: 'library_not_found' })
    await addTiles({ store, library, photos: photos([0]) })
    const { id } = (await open(store)).credit(0)
    await removeTiles({ store, library, tileIds: [id] })
    await expect(open(store)).rejects.toMatchObject({
      code: 'library_empty',
      message: expect.stringContaining('mosaicme tiles add FOLDER --library cats'),
    })
  })

  it('with a damaged segment names the segment', async () => {
    const folder = await newFolder()
    const store = await newStore(folder)
    await addTiles({ store, library, photos: photos(range(0, 3)) })
    const [key] = await keysOf(store, 'cats/segments/')
    const bytes = await buffer((await store.get('raw', key!)).body)
    bytes[200]! ^= 0xff
    await store.put('raw', key!, bytes)
    const again = await newStore(folder)
    await expect(open(again)).rejects.toMatchObject({
      code: 'tile_segment_corrupt',
      message: expect.stringContaining(`raw/${key}`),
    })
  })

  it('reads pixels from the local disk, and restores them if they are damaged or gone', async () => {
    const folder = await newFolder()
    const cacheDirectory = join(await newFolder(), 'cache', 'tiles')
    await addTiles({ store: await newStore(folder), library, photos: photos(range(0, 5)) })
    /** Like another process, because memory caches belong to a store. */
    const read = async () => {
      let gets = 0
      const store = watched(await newStore(folder), (operation) => operation === 'get' && gets++)
      const set = await openTileLibrary({ store, library, cacheDirectory })
      const opened = gets
      const pixels = Buffer.from(await set.pixels(12, 9))
      return { pixels, fromStore: gets - opened, version: set.version }
    }
    const first = await read()
    expect(first.fromStore).toBe(1)
    expect(await readdir(cacheDirectory)).toEqual([`${first.version}-12x9.rgb`])
    expect(await read()).toEqual({ ...first, fromStore: 0 })

    const file = join(cacheDirectory, `${first.version}-12x9.rgb`)
    const bytes = await readFile(file)
    bytes[7]! ^= 1
    await writeFile(file, bytes)
    expect(await read()).toEqual(first)
    await writeFile(file, bytes.subarray(0, 100))
    expect(await read()).toEqual(first)
    await rm(cacheDirectory, { recursive: true })
    expect(await read()).toEqual(first)
  })
})

/** The contract of all gallery caches. Run by gallery-cache-*.test.ts. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { GalleryCache, GalleryEntry } from '../../adapters/gallery-cache/gallery-cache.ts'

export interface ContractOptions {
  start(): Promise<{
    /** An open cache that was never filled. */
    flush(): Promise<GalleryCache>
    stop(): Promise<void>
  }>
}

export const entry = (
  id: string,
  date = '2026-01-01T00:00:00Z',
  more: Partial<GalleryEntry> = {},
): GalleryEntry => ({
  id,
  url_small: `/m/${id}/small.jpg`,
  url_large: `/m/${id}/large.jpg`,
  username: '',
  date,
  ...more,
})

/** `count` mosaics, the last one is the newest. */
export const many = (count: number, prefix = 'mosaic') =>
  Array.from({ length: count }, (_, i) =>
    entry(`${prefix}-${i}`, new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString()),
  )

export async function readAll(cache: GalleryCache, limit: number): Promise<GalleryEntry[]> {
  const all: GalleryEntry[] = []
  let after: string | undefined
  do {
    const page = await cache.page({ limit, ...(after === undefined ? {} : { after }) })
    expect(page.entries.length).toBeLessThanOrEqual(limit)
    all.push(...page.entries)
    after = page.next
  } while (after !== undefined)
  return all
}

export function galleryCacheContract(name: string, options: ContractOptions): void {
  describe(`gallery cache: ${name}`, () => {
    let cache: GalleryCache
    let flush: () => Promise<GalleryCache>
    let stop: () => Promise<void>
    beforeAll(async () => {
      ;({ flush, stop } = await options.start())
    })
    afterAll(async () => {
      await cache?.close()
      await stop?.()
    })
    beforeEach(async () => {
      cache = await flush()
    })
    const ids = async () => (await readAll(cache, 1000)).map(({ id }) => id)

    it('gives an entry back as it was put, any Unicode, every field', async () => {
      const whole = entry('mosaic-1', '2026-02-03T04:05:06.789Z', {
        username: 'ada',
        author: '名前 🎉 "quoted" \\ \u2028',
        post_url: 'https://x.example/ada/status/1?a=b&c=d',
        width: 10_240,
        height: 5_760,
      })
      await cache.put(whole)
      expect(await cache.get('mosaic-1')).toEqual(whole)
      expect((await cache.page({ limit: 10 })).entries).toEqual([whole])
    })

    describe('one person', () => {
      const of = async (by: string, limit = 10, after?: string) => {
        const page = await cache.page({ by, limit, ...(after !== undefined && { after }) })
        return { ids: page.entries.map(({ id }) => id), total: page.total, next: page.next }
      }
      const day = (date: number) => `2026-01-0${date}T00:00:00Z`

      it('is found by handle or name in any notation, newest first', async () => {
        await cache.put(entry('mosaic-1', day(1), { username: 'Ada_L', author: 'Ada Lovelace' }))
        await cache.put(entry('mosaic-2', day(2), { username: 'ada_l' }))
        await cache.put(entry('mosaic-3', day(3), { username: 'bob' }))
        await cache.put(entry('mosaic-4', day(4), { author: '名前 🎉' }))
        for (const by of ['ada_l', '@ADA_L', ' Ada_l ']) {
          expect(await of(by)).toEqual({ ids: ['mosaic-2', 'mosaic-1'], total: 2, next: undefined })
        }
        expect((await of('ada lovelace')).ids).toEqual(['mosaic-1'])
        expect((await of('名前 🎉')).ids).toEqual(['mosaic-4'])
        for (const by of ['ada', '', '@', 'nobody']) expect(await of(by)).toMatchObject({ ids: [], total: 0 })
      })

      it('is paged, even after equal dates', async () => {
        for (const id of ['a', 'b', 'c']) await cache.put(entry(`mosaic-${id}`, day(1), { username: 'ada' }))
        await cache.put(entry('mosaic-bb', day(1), { username: 'bob' }))
        const first = await of('ada', 2)
        expect(first.ids).toEqual(['mosaic-a', 'mosaic-b'])
        expect(await of('ada', 2, first.next)).toEqual({ ids: ['mosaic-c'], total: 3, next: undefined })
      })

      it('only has their current mosaics', async () => {
        await cache.put(entry('mosaic-1', day(1), { username: 'ada' }))
        await cache.put(entry('mosaic-2', day(2), { username: 'ada' }))
        await cache.put(entry('mosaic-1', day(1), { username: 'bob' }))
        await cache.remove('mosaic-2')
        expect(await of('ada')).toMatchObject({ ids: [], total: 0 })
        expect((await of('bob')).ids).toEqual(['mosaic-1'])
        await cache.replaceAll([entry('mosaic-3', day(3), { username: 'ada' })])
        expect((await of('bob')).ids).toEqual([])
        expect((await of('ada')).ids).toEqual(['mosaic-3'])
      })
    })

    it('has no entry that was never put, or was removed', async () => {
      expect(await cache.get('mosaic-0')).toBeUndefined()
      await cache.put(entry('mosaic-1'))
      await cache.put(entry('mosaic-2'))
      await cache.remove('mosaic-1')
      await cache.remove('mosaic-1')
      await cache.remove('mosaic-0')
      expect(await cache.get('mosaic-1')).toBeUndefined()
      expect(await ids()).toEqual(['mosaic-2'])
    })

    it('replaces an entry on a second put, and moves it if its date changes', async () => {
      await cache.put(entry('mosaic-1', '2026-01-01T00:00:00Z'))
      await cache.put(entry('mosaic-2', '2026-01-02T00:00:00Z'))
      await cache.put(entry('mosaic-2', '2026-01-02T00:00:00Z'))
      expect(await ids()).toEqual(['mosaic-2', 'mosaic-1'])
      await cache.put(entry('mosaic-1', '2026-01-03T00:00:00Z', { username: 'ada' }))
      expect(await ids()).toEqual(['mosaic-1', 'mosaic-2'])
      expect((await cache.page({ limit: 1 })).total).toBe(2)
      expect((await cache.get('mosaic-1'))?.username).toBe('ada')
    })

    it('keeps its own copy', async () => {
      const mine = entry('mosaic-1')
      await cache.put(mine)
      mine.username = 'changed'
      ;(await cache.get('mosaic-1'))!.username = 'changed'
      ;(await cache.page({ limit: 1 })).entries[0]!.username = 'changed'
      expect((await cache.get('mosaic-1'))?.username).toBe('')
    })

    it('sorts newest first across time zones, and equal dates by ID', async () => {
      await cache.put(entry('b', '2026-01-02T00:00:00Z'))
      await cache.put(entry('B', '2026-01-02T00:00:00.000Z'))
      await cache.put(entry('a-2', '2026-01-02T01:00:00+01:00'))
      await cache.put(entry('a', '2026-01-02T00:00:00Z'))
      await cache.put(entry('old', '1969-07-20T20:17:00Z'))
      await cache.put(entry('new', '2026-01-02T00:00:00.001Z'))
      expect(await ids()).toEqual(['new', 'B', 'a', 'a-2', 'b', 'old'])
      for (const limit of [1, 2, 3]) {
        expect((await readAll(cache, limit)).map(({ id }) => id)).toEqual([
          'new',
          'B',
          'a',
          'a-2',
          'b',
          'old',
        ])
      }
    })

    it('has pages with a total, and no next on the last one', async () => {
      await cache.replaceAll(many(10))
      const first = await cache.page({ limit: 4 })
      expect(first.entries.map(({ id }) => id)).toEqual(['mosaic-9', 'mosaic-8', 'mosaic-7', 'mosaic-6'])
      expect(first.total).toBe(10)
      const rest = await cache.page({ limit: 6, after: first.next! })
      expect(rest.entries).toHaveLength(6)
      expect(rest.next).toBeUndefined()
      expect(await cache.page({ limit: 10 })).not.toHaveProperty('next')
    })

    it('neither repeats nor skips entries if mosaics come and go between pages', async () => {
      await cache.replaceAll(many(10))
      const { next } = await cache.page({ limit: 4 })
      await cache.put(entry('newest', '2027-01-01T00:00:00Z'))
      await cache.remove('mosaic-6')
      await cache.remove('mosaic-8')
      expect((await cache.page({ limit: 3, after: next! })).entries.map(({ id }) => id)).toEqual([
        'mosaic-5',
        'mosaic-4',
        'mosaic-3',
      ])
    })

    it('is empty before it was ever filled', async () => {
      expect(await cache.page({ limit: 10 })).toEqual({ entries: [], total: 0 })
    })

    it.each(['', 'x', 'bm9wZQ', 'WzEsMl0', '💥'])('rejects %j as a cursor', async (after) => {
      await expect(cache.page({ limit: 1, after })).rejects.toMatchObject({
        code: 'invalid_cursor',
        retryable: false,
      })
    })

    it.each([0, -1, 1001, 1.5, Number.NaN])('refuses a page of %d', async (limit) => {
      await expect(cache.page({ limit })).rejects.toMatchObject({ code: 'invalid_limit', retryable: false })
    })

    it.each(['', 'yesterday', '2026', '2026-13-01T00:00:00Z'])('refuses %j as a date', async (date) => {
      await expect(cache.put(entry('mosaic-1', date))).rejects.toMatchObject({ code: 'invalid_entry' })
      expect(await ids()).toEqual([])
    })

    describe('replacing all', () => {
      it('leaves exactly the given entries, from any kind of list', async () => {
        await cache.put(entry('gone'))
        expect(await cache.replaceAll(many(3))).toBe(3)
        expect(await ids()).toEqual(['mosaic-2', 'mosaic-1', 'mosaic-0'])
        expect(await cache.get('gone')).toBeUndefined()
        const streamed = async function* () {
          yield* many(1200, 'streamed')
        }
        expect(await cache.replaceAll(streamed())).toBe(1200)
        expect(await cache.get('mosaic-0')).toBeUndefined()
        const all = await readAll(cache, 500)
        expect(all).toEqual(many(1200, 'streamed').reverse())
        expect(await cache.replaceAll([])).toBe(0)
        expect(await ids()).toEqual([])
      })

      it('shows readers the old or the new state', async () => {
        await cache.replaceAll(many(300, 'old'))
        let replacing = true
        const replaced = cache.replaceAll(many(700, 'new')).then(() => {
          replacing = false
        })
        const seen = new Set<string>()
        while (replacing) {
          const { entries, total } = await cache.page({ limit: 1000 })
          const kinds = new Set(entries.map(({ id }) => id.split('-')[0]))
          expect(kinds.size).toBe(1)
          expect(entries).toHaveLength(total)
          seen.add(`${[...kinds]} ${total}`)
          await new Promise(setImmediate)
        }
        await replaced
        expect((await cache.page({ limit: 1 })).total).toBe(700)
        for (const state of seen) expect(['old 300', 'new 700']).toContain(state)
      })

      it('keeps concurrent puts and removals', async () => {
        await cache.replaceAll([entry('removed'), entry('kept')])
        const slow = async function* () {
          yield entry('removed')
          yield entry('kept', '2026-01-01T00:00:00Z', { username: 'as it was' })
          await cache.put(entry('came', '2026-02-01T00:00:00Z', { author: 'a b' }))
          await cache.put(entry('kept', '2026-01-01T00:00:00Z', { username: 'newer' }))
          await cache.remove('removed')
          yield entry('last', '2025-01-01T00:00:00Z')
        }
        expect(await cache.replaceAll(slow())).toBe(3)
        expect(await ids()).toEqual(['came', 'kept', 'last'])
        expect((await cache.get('kept'))?.username).toBe('newer')
        expect((await cache.get('came'))?.author).toBe('a b')
      })

      it('changes nothing if the list fails half-way', async () => {
        await cache.replaceAll(many(2))
        const broken = async function* () {
          yield entry('half')
          throw new Error('the store went away')
        }
        await expect(cache.replaceAll(broken())).rejects.toThrow('the store went away')
        expect(await ids()).toEqual(['mosaic-1', 'mosaic-0'])
        await expect(cache.replaceAll([entry('bad', 'no date')])).rejects.toMatchObject({
          code: 'invalid_entry',
        })
        expect(await ids()).toEqual(['mosaic-1', 'mosaic-0'])
      })

      it('leaves one of two concurrent replacements', async () => {
        await Promise.all([cache.replaceAll(many(5, 'one')), cache.replaceAll(many(5, 'two'))])
        const kinds = new Set((await ids()).map((id) => id.split('-')[0]))
        expect(kinds.size).toBe(1)
      })
    })

    describe('warm', () => {
      it('is true once filled, even with nothing', async () => {
        expect(await cache.isWarm()).toBe(false)
        await cache.replaceAll([])
        expect(await cache.isWarm()).toBe(true)
      })

      it('is false after a put alone, since the rest is missing', async () => {
        await cache.put(entry('mosaic-1'))
        expect(await cache.isWarm()).toBe(false)
      })

      it('is false after a flush', async () => {
        await cache.replaceAll(many(3))
        cache = await flush()
        expect(await cache.isWarm()).toBe(false)
        await cache.put(entry('mosaic-1'))
        expect(await cache.isWarm()).toBe(false)
        await cache.replaceAll(many(3))
        expect(await cache.isWarm()).toBe(true)
      })
    })
  })
}

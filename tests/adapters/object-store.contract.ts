/** The contract of all object stores. Run against real ones by object-store-*.test.ts. */
import { spawn } from 'node:child_process'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ObjectExists,
  ObjectNotFound,
  type ObjectStore,
  RangeNotSatisfiable,
} from '../../adapters/object-store/object-store.ts'
import { programAt } from '../setup/programs.ts'
import { type StoreRecipe, storeFrom } from './stalling-writer.ts'

export interface ContractOptions {
  /** Starts the store's server. `recipe` opens the same store in another process. `mixes`: a read may mix old and new. */
  start(): Promise<{ recipe: StoreRecipe; stop(): Promise<void>; mixes?: boolean }>
  /** False for S3 servers that map keys to plain paths, where a file cannot also be a folder. */
  keysInsideKeys: boolean
  /** Maximum length of a key's segment, bytes. */
  longestSegment: number
  /** Whether `a-b` comes before `a/b`, as in AWS. False for servers that walk a folder instead. */
  byteOrder: boolean
}

const MiB = 1024 * 1024

export function objectStoreContract(name: string, options: ContractOptions): void {
  describe(`object store: ${name}`, () => {
    let recipe: StoreRecipe
    let store: ObjectStore
    let stop: () => Promise<void>
    let mixes = false
    beforeAll(async () => {
      ;({ recipe, stop, mixes = false } = await options.start())
      store = storeFrom(recipe)
      await store.open()
    })
    afterAll(async () => {
      await store?.close()
      await stop?.()
    })
    /** A separate prefix for each test. */
    const fresh = () => `test-${randomUUID()}`
    const read = async (key: string) => await text((await store.get('in', key)).body)
    const keysUnder = async (prefix: string) =>
      (await store.list('in', { prefix })).objects.map(({ key }) => key)

    it('returns bytes, type, size and a strong tag', async () => {
      const key = `${fresh()}/photo.jpg`
      const put = await store.put('in', key, Buffer.from('hello'), { contentType: 'image/jpeg' })
      const got = await store.get('in', key)
      expect(await text(got.body)).toBe('hello')
      for (const info of [put, got, await store.head('in', key)]) {
        expect(info).toMatchObject({ bucket: 'in', key, size: 5, contentType: 'image/jpeg', metadata: {} })
        expect(info?.etag).toMatch(/^"[^"]+"$/)
        expect(info?.etag).toBe(put.etag)
        expect(Math.abs(info!.modifiedAt.getTime() - Date.now())).toBeLessThan(60_000)
      }
    })

    it('keeps buckets apart', async () => {
      const key = fresh()
      await store.put('small', key, Buffer.from('small'))
      await store.put('large', key, Buffer.from('large'))
      expect(await text((await store.get('small', key)).body)).toBe('small')
      expect(await store.head('raw', key)).toBeUndefined()
    })

    it('stores an empty object', async () => {
      const key = fresh()
      expect(await store.put('in', key, Readable.from([]))).toMatchObject({ size: 0 })
      expect(await read(key)).toBe('')
      await expect(store.get('in', key, { range: { start: 0 } })).rejects.toThrow(RangeNotSatisfiable)
    })

    it('changes the tag when the bytes change', async () => {
      const key = fresh()
      const [one, two] = [
        await store.put('in', key, Buffer.from('1')),
        await store.put('in', key, Buffer.from('2')),
      ]
      expect(one.etag).not.toBe(two.etag)
    })

    it('streams a large object both ways', async () => {
      const key = `${fresh()}/large`
      const hash = createHash('sha256')
      const chunk = randomBytes(MiB)
      const source = Readable.from(
        (function* () {
          for (let i = 0; i < 20; i++) {
            const part = Buffer.from(chunk)
            part[0] = i
            hash.update(part)
            yield part
          }
          hash.update('end')
          yield 'end'
        })(),
      )
      const put = await store.put('in', key, source, { contentType: 'image/png', metadata: { of: 'parts' } })
      expect(put.size).toBe(20 * MiB + 3)
      const got = await store.get('in', key)
      expect(got).toMatchObject({
        size: 20 * MiB + 3,
        contentType: 'image/png',
        metadata: { of: 'parts' },
        etag: put.etag,
      })
      const back = createHash('sha256')
      for await (const part of got.body) back.update(part)
      expect(back.digest('hex')).toBe(hash.digest('hex'))
      expect(await text((await store.get('in', key, { range: { start: 20 * MiB } })).body)).toBe('end')
    })

    it('stores a large byte array', async () => {
      const key = fresh()
      const bytes = randomBytes(9 * MiB)
      await store.put('in', key, new Uint8Array(bytes))
      expect(bytes.equals(await buffer((await store.get('in', key)).body))).toBe(true)
    })

    it('reports a missing object', async () => {
      const key = fresh()
      expect(await store.head('in', key)).toBeUndefined()
      await expect(store.get('in', key)).rejects.toThrow(ObjectNotFound)
      await expect(store.get('in', key)).rejects.toMatchObject({ code: 'object_not_found', retryable: false })
      await expect(store.copy({ bucket: 'in', key }, { bucket: 'in', key: `${key}-2` })).rejects.toThrow(
        ObjectNotFound,
      )
      await expect(store.delete('in', key)).resolves.toBeUndefined()
    })

    describe('ranges', () => {
      it.each([
        ['the first bytes', { start: 0, end: 1 }, 'he'],
        ['one byte', { start: 4, end: 4 }, 'o'],
        ['to the end', { start: 3 }, 'lo'],
        ['beyond the end', { start: 3, end: 999 }, 'lo'],
      ])('reads %s', async (_, range, expected) => {
        const key = fresh()
        await store.put('in', key, Buffer.from('hello'))
        const got = await store.get('in', key, { range })
        expect(await text(got.body)).toBe(expected)
        expect(got.size).toBe(5)
      })

      it.each([[{ start: 5 }], [{ start: 3, end: 2 }], [{ start: -1 }], [{ start: 0.5 }]])(
        'refuses %j of five bytes',
        async (range) => {
          const key = fresh()
          await store.put('in', key, Buffer.from('hello'))
          await expect(store.get('in', key, { range })).rejects.toThrow(RangeNotSatisfiable)
        },
      )
    })

    describe('metadata', () => {
      it.each([
        ['Unicode', { author: '名前 🎉' }],
        ['lines and tabs', { text: 'a\r\nb\tc' }],
        ['spaces around', { text: '  a  ' }],
        ['what looks encoded', { a: '%41', b: '%', c: '%zz', d: '=?UTF-8?Q?x?=' }],
        ['nothing', { empty: '' }],
        ['names with dashes', { 'a-b-c': '1', x1: '2' }],
        ['right-to-left, combined, astral', { a: 'שלום', b: 'e\u0301', c: '𝒳' }],
      ])('is returned unchanged: %s', async (_, metadata) => {
        const key = fresh()
        expect((await store.put('in', key, Buffer.from('x'), { metadata })).metadata).toEqual(metadata)
        expect((await store.head('in', key))?.metadata).toEqual(metadata)
        const got = await store.get('in', key)
        got.body.destroy()
        expect(got.metadata).toEqual(metadata)
      })

      it('is removed by a replacement without any', async () => {
        const key = fresh()
        await store.put('in', key, Buffer.from('1'), { metadata: { a: '1' }, contentType: 'image/png' })
        await store.put('in', key, Buffer.from('2'))
        expect(await store.head('in', key)).toMatchObject({
          metadata: {},
          contentType: 'application/octet-stream',
        })
      })

      it.each([
        ['too much', { a: '名'.repeat(230) }, 'metadata_too_large'],
        ['capitals in a name', { Author: 'x' }, 'invalid_metadata'],
        ['Unicode in a name', { ñ: 'x' }, 'invalid_metadata'],
        ['half a character', { a: '\ud83c' }, 'invalid_metadata'],
      ])('is refused: %s', async (_, metadata, code) => {
        const key = fresh()
        await expect(store.put('in', key, Buffer.from('x'), { metadata })).rejects.toMatchObject({ code })
        expect(await store.head('in', key)).toBeUndefined()
      })

      it('rejects a content type that would inject a header', async () => {
        const contentType = 'image/png\r\nX-Evil: 1'
        await expect(store.put('in', fresh(), Buffer.from('x'), { contentType })).rejects.toMatchObject({
          code: 'invalid_content_type',
        })
      })
    })

    describe('create', () => {
      it('accepts a free key and rejects a taken one', async () => {
        const key = fresh()
        await store.put('in', key, Buffer.from('first'), { mode: 'create' })
        const again = store.put('in', key, Buffer.from('second'), { mode: 'create', metadata: { a: '1' } })
        await expect(again).rejects.toThrow(ObjectExists)
        await expect(again).rejects.toMatchObject({ code: 'object_exists', retryable: false })
        expect(await read(key)).toBe('first')
      })

      it('rejects a taken key at the end of a large upload', async () => {
        const key = fresh()
        await store.put('in', key, Buffer.from('first'))
        const large = Readable.from([Buffer.alloc(9 * MiB), Buffer.alloc(9 * MiB)])
        await expect(store.put('in', key, large, { mode: 'create' })).rejects.toThrow(ObjectExists)
        expect(await read(key)).toBe('first')
      })

      it('lets exactly one of racing creators win', async () => {
        const key = `${fresh()}/race`
        const other = storeFrom(recipe)
        const racers = Array.from({ length: 12 }, (_, i) =>
          [store, other][i % 2]!.put('in', key, Buffer.from(`racer ${i}`), { mode: 'create' }).then(
            () => i,
            (error) => {
              if (!(error instanceof ObjectExists)) throw error
              return undefined
            },
          ),
        )
        const winners = (await Promise.all(racers)).filter((winner) => winner !== undefined)
        expect(winners).toHaveLength(1)
        expect(await read(key)).toBe(`racer ${winners[0]}`)
        await other.close()
      })

      it('accepts a key that was deleted', async () => {
        const key = fresh()
        await store.put('in', key, Buffer.from('1'), { mode: 'create' })
        await store.delete('in', key)
        await store.put('in', key, Buffer.from('2'), { mode: 'create' })
        expect(await read(key)).toBe('2')
      })
    })

    describe('whole or nothing', () => {
      it('shows readers the old or the new object, never a mixture', async (context) => {
        context.skip(mixes)
        const key = fresh()
        const write = (n: number) =>
          store.put('in', key, Buffer.alloc(50_000 + n, String(n)), { metadata: { n: String(n) } })
        await write(0)
        let writing = true
        const writer = (async () => {
          for (let i = 1; i <= 30; i++) await write(i % 10)
          writing = false
        })()
        let reads = 0
        while (writing) {
          const { body, metadata, size } = await store.get('in', key)
          const bytes = await buffer(body)
          expect(bytes.equals(Buffer.alloc(50_000 + Number(metadata.n), metadata.n))).toBe(true)
          expect(size).toBe(bytes.length)
          reads++
        }
        await writer
        expect(reads).toBeGreaterThan(3)
      })

      it.each([
        ['a small', 1000],
        ['a large', 9 * MiB],
      ])('stores nothing of %s body that breaks', async (_, bytes) => {
        const key = fresh()
        await store.put('in', key, Buffer.from('old'))
        const body = Readable.from(
          (function* () {
            yield Buffer.alloc(bytes)
            throw new Error('the camera fell')
          })(),
        )
        await expect(store.put('in', key, body)).rejects.toThrow('the camera fell')
        expect(await read(key)).toBe('old')
      })

      it.each([
        ['a small', 1000],
        ['a large', 17 * MiB],
      ])('stores nothing of %s body that stalls and is aborted', async (_, bytes) => {
        const key = fresh()
        const abort = new AbortController()
        const body = Readable.from(
          (async function* () {
            yield Buffer.alloc(bytes)
            setImmediate(() => abort.abort())
            await new Promise(() => undefined)
          })(),
        )
        await expect(store.put('in', key, body, { signal: abort.signal })).rejects.toMatchObject({
          name: 'AbortError',
        })
        expect(await store.head('in', key)).toBeUndefined()
      })

      it('does not start if it is already aborted', async () => {
        const key = fresh()
        const put = store.put('in', key, Buffer.from('x'), { signal: AbortSignal.abort() })
        await expect(put).rejects.toMatchObject({ name: 'AbortError' })
        expect(await store.head('in', key)).toBeUndefined()
      })

      it('destroys a body whose reader has gone before reading, and nothing else', async () => {
        const key = fresh()
        await store.put('in', key, Buffer.alloc(300_000))
        const abort = new AbortController()
        const { body } = await store.get('in', key, { signal: abort.signal })
        // Without a listener, an error would end the process, and this run with it.
        abort.abort()
        await expect.poll(() => body.destroyed).toBe(true)
        await new Promise(setImmediate)
      })

      it('ends an aborted read', async () => {
        const key = fresh()
        await store.put('in', key, Buffer.alloc(4 * MiB))
        const abort = new AbortController()
        const { body } = await store.get('in', key, { signal: abort.signal })
        await once(body, 'readable')
        abort.abort()
        await expect(buffer(body)).rejects.toMatchObject({ name: 'AbortError' })
      })

      it.each([
        ['a new key', false],
        ['a key that had an object', true],
      ])('stores nothing of a writer that is killed: %s', async (_, had) => {
        const key = `${fresh()}/killed`
        if (had) await store.put('large', key, Buffer.from('old'), { metadata: { who: 'the one before' } })
        const script = programAt(new URL('stalling-writer.ts', import.meta.url))
        const plan = JSON.stringify({ recipe, key, bytes: 10 * MiB })
        const child = spawn(process.execPath, [...script, plan], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        const exited = once(child, 'exit')
        await Promise.race([
          once(child.stdout, 'data'),
          exited.then(() => Promise.reject(new Error('the writer ended before it was killed'))),
        ])
        child.kill('SIGKILL')
        await exited
        const again = storeFrom(recipe)
        await again.open()
        if (had) {
          expect(await text((await again.get('large', key)).body)).toBe('old')
          expect((await again.head('large', key))?.metadata).toEqual({ who: 'the one before' })
        } else {
          expect(await again.head('large', key)).toBeUndefined()
          expect((await again.list('large', { prefix: key })).objects).toEqual([])
        }
        await again.put('large', key, Buffer.from('new'))
        expect(await text((await again.get('large', key)).body)).toBe('new')
        await again.close()
      })
    })

    describe('listing', () => {
      it('has pages in key order, without gaps or repeats', async () => {
        const prefix = `${fresh()}/`
        const keys = [
          '12/10_0.jpg',
          '12/9_0.jpg',
          '2/0_0.jpg',
          '9/a.jpg',
          'Z',
          'a',
          'b/c/d',
          'b/c/e',
          'é',
          '名前',
          '🎉',
        ]
        const expected = keys
          .map((key) => prefix + key)
          .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        await Promise.all(expected.map((key) => store.put('in', key, Buffer.from(key))))
        for (const limit of [1, 3, 11, 1000]) {
          const seen: string[] = []
          let after: string | undefined
          let pages = 0
          do {
            const page = await store.list('in', { prefix, limit, ...(after === undefined ? {} : { after }) })
            expect(page.objects.length).toBeLessThanOrEqual(limit)
            seen.push(...page.objects.map(({ key }) => key))
            after = page.next
            pages++
          } while (after !== undefined)
          expect(seen).toEqual(expected)
          expect(pages).toBeLessThanOrEqual(Math.ceil(expected.length / limit) + 1)
        }
      })

      it('contains size and tag, like head', async () => {
        const key = fresh()
        await store.put('in', key, Buffer.from('hello'), { metadata: { a: '1' }, contentType: 'image/png' })
        const { etag } = (await store.head('in', key))!
        const { objects } = await store.list('in', { prefix: key })
        expect(objects).toMatchObject([{ bucket: 'in', key, size: 5, etag, metadata: {} }])
        expect(Math.abs(objects[0]!.modifiedAt.getTime() - Date.now())).toBeLessThan(60_000)
      })

      it('accepts a prefix that ends within a segment, and a start that is no key', async () => {
        const prefix = fresh()
        for (const name of ['-a/1', '-a/2', '-ab/1', '-b'])
          await store.put('in', prefix + name, Buffer.from('x'))
        expect(await keysUnder(`${prefix}-a`)).toEqual([`${prefix}-a/1`, `${prefix}-a/2`, `${prefix}-ab/1`])
        const behind = await store.list('in', { prefix, after: `${prefix}-a/1zzz` })
        expect(behind.objects.map(({ key }) => key.slice(prefix.length))).toEqual(['-a/2', '-ab/1', '-b'])
        expect(await keysUnder(`${prefix}-c`)).toEqual([])
      })

      it('rejects limits that S3 does not allow', async () => {
        for (const limit of [0, 1001, 1.5]) {
          await expect(store.list('in', { limit })).rejects.toMatchObject({ code: 'invalid_limit' })
        }
      })

      if (options.byteOrder) {
        it('sorts by bytes across the slash', async () => {
          const prefix = fresh()
          const names = ['a', 'a!', 'a-b', 'a.b', 'a/b', 'a0', 'a/b/c', 'a-b/c']
          for (const name of names) await store.put('in', `${prefix}/${name}`, Buffer.from('x'))
          expect(await keysUnder(`${prefix}/`)).toEqual(names.sort().map((name) => `${prefix}/${name}`))
        })
      }
    })

    describe('keys', () => {
      it.each([
        ...['', '/', '/a', 'a/', 'a//b', '.', '..', '../a', 'a/../b', 'a/./b', 'a/..', '../../etc/passwd'],
        ...['a\0b', 'a\nb', 'a\u007f', 'a\uffff', '\ud800', 'a/\udc00/b', 'x'.repeat(1025), '名'.repeat(342)],
      ])('%j is refused by every call', async (key) => {
        const code = { code: 'invalid_key', retryable: false }
        await expect(store.put('in', key, Buffer.from('x'))).rejects.toMatchObject(code)
        await expect(store.get('in', key)).rejects.toMatchObject(code)
        await expect(store.head('in', key)).rejects.toMatchObject(code)
        await expect(store.delete('in', key)).rejects.toMatchObject(code)
        await expect(store.delete('in', ['fine', key])).rejects.toMatchObject(code)
        await expect(store.copy({ bucket: 'in', key }, { bucket: 'in', key: 'b' })).rejects.toMatchObject(
          code,
        )
        await expect(store.copy({ bucket: 'in', key: 'b' }, { bucket: 'in', key })).rejects.toMatchObject(
          code,
        )
        await expect(store.link('in', key, { expiresInSeconds: 1 })).rejects.toMatchObject(code)
      })

      it('that are odd but allowed coexist', async () => {
        const prefix = fresh()
        const odd = [
          ...[
            'a b',
            'A B',
            'a+b',
            'a%20b',
            'a%2fb',
            'a&b=c?d#e',
            'quote\'"',
            'back\\slash',
            'C:\\x',
            '..a',
            'a..',
            '...',
          ],
          ...[
            '.hidden',
            '~',
            'a~',
            'a+',
            '=',
            '%',
            '<xml>&amp;',
            'é',
            'e\u0301',
            'É',
            'ß',
            '名前/🎉',
            '*',
            'con',
            'a:b',
            '-rf',
          ],
        ].map((name) => `${prefix}/${name}`)
        await Promise.all(odd.map((key) => store.put('in', key, Buffer.from(key), { metadata: { key } })))
        for (const key of odd) {
          expect(await read(key)).toBe(key)
          expect((await store.head('in', key))?.metadata).toEqual({ key })
        }
        expect((await keysUnder(`${prefix}/`)).sort()).toEqual(odd.sort())
        const copy = `${prefix}-copy`
        for (const key of odd) {
          await store.copy({ bucket: 'in', key }, { bucket: 'in', key: copy })
          expect(await read(copy)).toBe(key)
        }
        await store.delete('in', odd)
        expect(await keysUnder(`${prefix}/`)).toEqual([])
      })

      if (options.keysInsideKeys) {
        it('may extend another key', async () => {
          const key = fresh()
          for (const each of [key, `${key}/b`, `${key}/b/c`]) await store.put('in', each, Buffer.from(each))
          expect(await keysUnder(key)).toEqual([key, `${key}/b`, `${key}/b/c`])
          await store.delete('in', `${key}/b`)
          expect(await read(`${key}/b/c`)).toBe(`${key}/b/c`)
          expect(await keysUnder(key)).toEqual([key, `${key}/b/c`])
        })
      }

      it('may be long', async () => {
        const prefix = fresh()
        const long = ['x', 'X', 'é'].map((letter) => {
          const segment = letter.repeat(Math.floor(options.longestSegment / Buffer.byteLength(letter)))
          const left = 1024 - Buffer.byteLength(`${prefix}/`)
          const segments = Array.from({ length: 8 }, () => segment).join('/')
          return `${prefix}/${Buffer.from(segments)
            .subarray(0, left - 8)
            .toString()
            .replace(/\ufffd+$/, '')}`.replace(/\/$/, '')
        })
        for (const key of long) await store.put('in', key, Buffer.from(key))
        for (const key of long) expect(await read(key)).toBe(key)
        expect((await keysUnder(prefix)).sort()).toEqual(long.sort())
        await store.delete('in', long)
        expect(await keysUnder(prefix)).toEqual([])
      })
    })

    describe('copy', () => {
      it('keeps type and metadata, or replaces them', async () => {
        const prefix = fresh()
        const from = { bucket: 'in', key: `${prefix}/名前 a+b` } as const
        await store.put('in', from.key, Buffer.from('hello'), {
          contentType: 'image/png',
          metadata: { a: '名前 🎉' },
        })
        const kept = await store.copy(from, { bucket: 'large', key: `${prefix}/kept` })
        expect(kept).toMatchObject({
          bucket: 'large',
          size: 5,
          contentType: 'image/png',
          metadata: { a: '名前 🎉' },
        })
        expect(await store.head('large', `${prefix}/kept`)).toMatchObject({
          metadata: { a: '名前 🎉' },
          etag: kept.etag,
        })
        await store.copy(
          from,
          { bucket: 'large', key: `${prefix}/new` },
          { contentType: 'image/gif', metadata: { b: '2' } },
        )
        expect(await store.head('large', `${prefix}/new`)).toMatchObject({
          contentType: 'image/gif',
          metadata: { b: '2' },
        })
        expect(await text((await store.get('large', `${prefix}/new`)).body)).toBe('hello')
        await store.delete('in', from.key)
        expect(await text((await store.get('large', `${prefix}/kept`)).body)).toBe('hello')
      })

      it('onto itself changes an object’s metadata', async () => {
        const at = { bucket: 'in', key: fresh() } as const
        await store.put('in', at.key, Buffer.from('hello'), {
          contentType: 'image/png',
          metadata: { a: '1' },
        })
        await store.copy(at, at, { metadata: { a: '2' } })
        expect(await store.head('in', at.key)).toMatchObject({
          size: 5,
          contentType: 'image/png',
          metadata: { a: '2' },
        })
        expect(await read(at.key)).toBe('hello')
      })

      it('with create rejects a taken key', async () => {
        const prefix = fresh()
        await store.put('in', `${prefix}/a`, Buffer.from('a'))
        await store.put('in', `${prefix}/b`, Buffer.from('b'))
        const copy = (to: string) =>
          store.copy(
            { bucket: 'in', key: `${prefix}/a` },
            { bucket: 'in', key: `${prefix}/${to}` },
            { mode: 'create' },
          )
        await expect(copy('b')).rejects.toThrow(ObjectExists)
        expect(await read(`${prefix}/b`)).toBe('b')
        await copy('c')
        expect(await read(`${prefix}/c`)).toBe('a')
      })
    })

    it('deletes one key, many, none, and missing ones', async () => {
      const prefix = fresh()
      const keys = Array.from({ length: 30 }, (_, i) => `${prefix}/${i % 3}/${i}`)
      await Promise.all(keys.map((key) => store.put('in', key, Buffer.from('x'))))
      await store.delete('in', keys[0]!)
      await store.delete('in', [])
      await store.delete('in', [...keys.slice(0, 20), `${prefix}/never`])
      expect((await keysUnder(prefix)).sort()).toEqual(keys.slice(20).sort())
      await store.delete('in', keys)
      expect(await keysUnder(prefix)).toEqual([])
    })

    it('survives concurrent writers and deleters in the same folder', async () => {
      const prefix = fresh()
      const work = Array.from({ length: 20 }, async (_, i) => {
        for (let round = 0; round < 5; round++) {
          await store.put('in', `${prefix}/deep/er/${i}`, Buffer.from('x'))
          await store.delete('in', `${prefix}/deep/er/${i}`)
        }
        await store.put('in', `${prefix}/deep/er/${i}`, Buffer.from('last'))
      })
      await Promise.all(work)
      expect(await keysUnder(prefix)).toHaveLength(20)
    })

    it('can be opened again and describes itself without secrets', async () => {
      await store.open()
      expect(store.description).toMatch(/^(directory|S3 at) \S+$/)
      expect(store.description).not.toContain('secret')
    })
  })
}

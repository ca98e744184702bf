import { once } from 'node:events'
import { createServer } from 'node:net'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { loadEnvironment } from '../../adapters/environment.ts'
import { openGalleryCache } from '../../adapters/gallery-cache/open-gallery-cache.ts'
import { RedisGalleryCache } from '../../adapters/gallery-cache/redis.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { entry, galleryCacheContract, many, readAll } from './gallery-cache.contract.ts'

galleryCacheContract('Redis', {
  async start() {
    const server = await startRedis()
    const cache = new RedisGalleryCache(server.url)
    await cache.open()
    const plain = new Redis(server.url)
    return {
      async flush() {
        await plain.flushall()
        return cache
      },
      async stop() {
        plain.disconnect()
        await server.stop()
      },
    }
  },
})

describe('gallery cache in Redis', () => {
  let server: RedisServer
  let plain: Redis
  let cache: RedisGalleryCache
  beforeAll(async () => {
    server = await startRedis()
    plain = new Redis(server.url)
    cache = new RedisGalleryCache(server.url)
    await cache.open()
  })
  afterAll(async () => {
    plain.disconnect()
    await cache.close()
    await server.stop()
  })

  it('is selected by the environment, and does not reveal the password', async () => {
    const guarded = await startRedis({ password: 'hush-hush' })
    const opened = await openGalleryCache(loadEnvironment({ REDIS_URL: `${guarded.url}/2` }))
    expect(opened.description).toBe(`Redis at 127.0.0.1:${guarded.port}/2`)
    await opened.close()
    const wrong = openGalleryCache({ redisUrl: guarded.url.replace('hush-hush', 'wrong-word') })
    const error = await wrong.catch((reason) => reason)
    expect(error).toMatchObject({ code: 'cache_unavailable' })
    expect(error.message).toMatch(/WRONGPASS/)
    expect(error.message).not.toContain('wrong-word')
    await guarded.stop()
  })

  it('keeps the older system’s keys and fields', async () => {
    await plain.flushall()
    await cache.replaceAll(many(3))
    await cache.put(entry('mosaic-3', '2026-02-01T00:00:00Z', { username: 'ada', author: '名前' }))
    await cache.remove('mosaic-0')
    expect(JSON.parse((await plain.get('mosaic:mosaic-3'))!)).toEqual({
      id: 'mosaic-3',
      url_small: '/m/mosaic-3/small.jpg',
      url_large: '/m/mosaic-3/large.jpg',
      username: 'ada',
      author: '名前',
      date: '2026-02-01T00:00:00Z',
    })
    const all = JSON.parse((await plain.get('mosaic:all'))!)
    expect(all.size).toBe(3)
    expect(all.mosaics).toEqual((await cache.page({ limit: 10 })).entries)
    await cache.replaceAll(many(1002))
    expect(JSON.parse((await plain.get('mosaic:all'))!).mosaics).toHaveLength(1000)
  })

  it('takes over the older system’s cache', async () => {
    await plain.flushall()
    const old = {
      id: 'photo.jpg',
      url_small: 's',
      url_large: 'l',
      username: 'DevOpsEMC',
      date: '2015-05-01T00:00:00.000Z',
    }
    await plain.set('mosaic:photo.jpg', JSON.stringify(old))
    await plain.set('mosaic:all', JSON.stringify({ mosaics: [old], size: 1 }))
    expect(await cache.isWarm()).toBe(false)
    expect(await cache.get('photo.jpg')).toBeUndefined()
    await cache.replaceAll(many(2))
    expect(await cache.isWarm()).toBe(true)
    expect(JSON.parse((await plain.get('mosaic:all'))!).size).toBe(2)
  })

  it('reads a page in one round trip, however long it is', async () => {
    await cache.replaceAll(many(600))
    const { next } = await cache.page({ limit: 1 })
    const sent = vi.spyOn(Redis.prototype, 'sendCommand')
    await cache.page({ limit: 500, after: next! })
    expect(sent).toHaveBeenCalledTimes(1)
    await cache.page({ limit: 2 })
    expect(sent).toHaveBeenCalledTimes(2)
  })

  it('leaves nothing behind after replacements, successful or not', async () => {
    await plain.flushall()
    await cache.replaceAll(many(1))
    const broken = async function* () {
      yield* many(1200)
      throw new Error('no')
    }
    await expect(cache.replaceAll(broken())).rejects.toThrow('no')
    expect((await plain.keys('*')).sort()).toEqual([
      'mosaic:all',
      'mosaic:mosaic-0',
      'mosaics:index',
      'mosaics:warm',
    ])
  })

  it('reports a flush during a replacement, and is not warm then', async () => {
    const flushed = async function* () {
      yield* many(600)
      await plain.flushall()
      yield entry('last')
    }
    await expect(cache.replaceAll(flushed())).rejects.toMatchObject({
      code: 'cache_unavailable',
      retryable: true,
    })
    expect(await cache.isWarm()).toBe(false)
  })

  it('fails at once while Redis is down, and works again, cold, when it is back', async () => {
    const mortal = await startRedis()
    const opened = new RedisGalleryCache(mortal.url)
    await opened.open()
    await opened.replaceAll(many(3))
    await mortal.stop('SIGKILL')
    for (const call of [
      () => opened.page({ limit: 1 }),
      () => opened.get('x'),
      () => opened.put(entry('x')),
      () => opened.isWarm(),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'cache_unavailable', retryable: true })
    }
    const back = await startRedis({ port: mortal.port })
    await vi.waitFor(async () => expect(await opened.isWarm()).toBe(false), { timeout: 10_000, interval: 50 })
    await opened.replaceAll(many(2))
    expect(await readAll(opened, 1)).toHaveLength(2)
    await opened.close()
    await back.stop()
  })

  it('does not hang on a server that accepts connections but does not respond', async () => {
    const silent = createServer((socket) => socket.resume())
    await once(silent.listen(0, '127.0.0.1'), 'listening')
    const { port } = silent.address() as { port: number }
    await expect(openGalleryCache({ redisUrl: `redis://127.0.0.1:${port}` })).rejects.toMatchObject({
      code: 'cache_unavailable',
    })
    silent.close()
  })

  it('names the server if there is none', async () => {
    await expect(openGalleryCache({ redisUrl: 'redis://127.0.0.1:9' })).rejects.toThrow(
      /expected an answer from Redis at 127\.0\.0\.1:9, got .*ECONNREFUSED/,
    )
  })
})

import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { main } from '../../cli/main.ts'
import { tileId } from '../../engine/tile.ts'
import { photo } from './photos.ts'
import { newFolder, newStore } from './stores.ts'

let dataDir: string
let pictures: string

beforeEach(async () => {
  dataDir = await newFolder()
  pictures = await newFolder()
  vi.stubEnv('DATA_DIR', dataDir)
  vi.stubEnv('S3_ENDPOINT', '')
})
afterEach(() => {
  process.exitCode = undefined
})

/** Runs the command in this process, as a shell would. */
async function tiles(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []]
  const printed = vi.spyOn(console, 'log').mockImplementation((line) => void out.push(line))
  const complained = vi.spyOn(console, 'error').mockImplementation((line) => void err.push(line))
  process.exitCode = undefined
  await main(['tiles', ...args])
  printed.mockRestore()
  complained.mockRestore()
  return { exitCode: process.exitCode ?? 0, out: out.join('\n'), err: err.join('\n') }
}

const json = async (...args: string[]) => JSON.parse((await tiles(...args, '--json')).out)

describe('mosaicme tiles', () => {
  it('adds a folder with subfolders, and names skipped files', async () => {
    await mkdir(join(pictures, 'a', 'deep', 'one'), { recursive: true })
    await mkdir(join(pictures, '.thumbnails'))
    await symlink(pictures, join(pictures, 'a', 'round-and-round'))
    await writeFile(join(pictures, 'a', 'deep', 'one', 'photo.jpg'), await photo(1))
    await writeFile(join(pictures, 'another, with spaces 名前.jpg'), await photo(2))
    await writeFile(join(pictures, 'notes.txt'), 'remember the milk')
    await writeFile(join(pictures, '.thumbnails', 'photo.jpg'), await photo(3))
    await symlink(join(pictures, 'nowhere'), join(pictures, 'dangling.jpg'))

    const first = await tiles('add', pictures, '--library', 'family')
    expect(first.exitCode).toBe(0)
    expect(first.out).toContain('2 photos added to family, 0 already there, 2 skipped. It has 2 tiles now.')
    expect(first.err).toContain(`Skipped ${join(pictures, 'notes.txt')}: Expected a picture`)
    expect(first.err).toContain('dangling.jpg')
    const { tiles: added } = await json('list', 'family')
    // Public plans contain the path in the folder, not on the machine.
    const sources = added.map(({ source }: { source: string }) => source)
    expect(sources.sort()).toEqual(['a/deep/one/photo.jpg', 'another, with spaces 名前.jpg'])
    const again = await tiles('add', pictures, '--library', 'family')
    expect(again).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('0 photos added to family, 2 already there'),
    })
  })

  it('adds a URL, and keys in the store under both names of a bucket', async () => {
    const server = createServer(async (request, response) => {
      if (request.url !== '/photo.jpg') return response.writeHead(404).end()
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(await photo(4))
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const store = await newStore(join(dataDir, 'objects'))
    await store.put('in', 'uploads/one', await photo(5))
    await store.put('in', 'uploads/two', await photo(6))
    await store.put('in', 'elsewhere/three', await photo(7))
    try {
      vi.stubEnv('FETCH_ALLOW_HOSTS', host)
      const fetched = await json('add', `http://${host}/photo.jpg`, `http://${host}/gone.jpg`)
      expect(fetched).toMatchObject({
        library: 'photos',
        added: 1,
        skipped: [{ name: `http://${host}/gone.jpg` }],
      })
    } finally {
      server.closeAllConnections()
      server.close()
    }
    expect(await json('add', 'in/uploads')).toMatchObject({ added: 2, size: 3 })
    expect(await json('add', 'mosaic-in/uploads/')).toMatchObject({ added: 0, duplicates: 2, size: 3 })
  })

  it('exits with 1 if nothing could be read, or the place is invalid', async () => {
    await writeFile(join(pictures, 'notes.txt'), 'remember the milk')
    expect(await tiles('add', pictures)).toMatchObject({ exitCode: 1 })
    expect(await tiles('add', join(pictures, 'nowhere'))).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('Expected a folder, a file, an http(s) address or bucket/prefix'),
    })
    expect(await tiles('add', pictures, '--library', 'No Such Name!')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('lower-case letters'),
    })
  })

  it('does not read files that are too large', async () => {
    vi.stubEnv('MAX_PICTURE_BYTES', '2000')
    await writeFile(join(pictures, 'large.jpg'), await photo(1, { width: 600, height: 600 }))
    const { skipped } = await json('add', pictures)
    expect(skipped).toMatchObject([{ code: 'image_too_large' }])
  })

  it('lists libraries and tiles, removes tiles, then the library', async () => {
    const none = await tiles('list')
    expect(none.out).toContain('mosaicme tiles add FOLDER')
    const bytes = await photo(1)
    await writeFile(join(pictures, 'one.jpg'), bytes)
    await writeFile(join(pictures, 'two.jpg'), await photo(2))
    await tiles('add', join(pictures, 'one.jpg'), join(pictures, 'two.jpg'), '--library', 'family')
    expect(await json('list')).toEqual({ libraries: [{ name: 'family', tiles: 2, segments: 1 }] })
    expect((await tiles('list', 'family')).out).toContain(`${tileId(bytes)}  one.jpg`)
    expect((await tiles('list', 'nobody')).err).toContain('There is no tile library named "nobody"')

    expect(await tiles('rm', 'family')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('neither'),
    })
    expect(await json('rm', 'family', tileId(bytes))).toMatchObject({ removed: 1, size: 1 })
    expect(await tiles('rm', 'family', 'f00')).toMatchObject({ exitCode: 1, err: 'Not in family: f00' })
    expect(await tiles('rm', 'family', '--all')).toMatchObject({ exitCode: 0 })
    expect(await json('list')).toEqual({ libraries: [] })
  })
})

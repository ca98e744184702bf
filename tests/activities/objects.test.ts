import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { putFile } from '../../activities/objects.ts'

const refusing = { put: () => Promise.reject(new Error('the store is away')) }
const place = { bucket: 'in', key: 'work/large.jpg' } as const

it('a file that is gone when the store fails is an error of the step, not an unhandled stream error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-put-'))
  const path = join(folder, 'large.jpg')
  await expect(putFile(refusing, place, path, {})).rejects.toThrow('ENOENT')
  await writeFile(path, 'pixels')
  const put = expect(putFile(refusing, place, path, {})).rejects.toThrow(/the store is away|ENOENT/)
  await rm(folder, { recursive: true })
  await put
  // An unhandled error would have ended this run by now.
  await setTimeout(20)
})

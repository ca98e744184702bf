import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { resizePicture } from '../../../engine/index.ts'
import { children } from '../../processes.ts'
import { picture } from '../pictures.ts'

const heavy = { width: 4000, height: 3000, fit: 'fill', format: 'avif', effort: 10 } as const

test('canceling a heavy resize ends it and its process at once', async () => {
  const before = children()
  const stop = new AbortController()
  const resizing = resizePicture(await picture(400, 300).png().toBuffer(), heavy, { signal: stop.signal })
  const failed = expect(resizing).rejects.toThrow('enough')
  while (children().length === before.length) await delay(20)
  stop.abort(new Error('enough'))
  await failed
  // Already killed; the kernel takes a moment to reap it.
  while (children().length > before.length) await delay(20)
})

test('a heavy resize returns its whole result, and errors keep their code', async () => {
  const bytes = await picture(600, 400).png().toBuffer()
  const made = await resizePicture(bytes, { width: 600, format: 'avif', effort: 6 })
  expect(made).toMatchObject({ width: 600, height: 400, contentType: 'image/avif' })
  const whole = await picture(600, 600).jpeg({ quality: 99 }).toBuffer()
  const broken = resizePicture(whole.subarray(0, whole.length / 2), { ...heavy, maxBytes: 1000 })
  await expect(broken).rejects.toMatchObject({ name: 'PictureError', code: 'image_truncated' })
})

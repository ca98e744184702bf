import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { chunksOf } from '../../adapters/object-store/body.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

it.each([
  ['with a signal', new AbortController().signal],
  ['without a signal', undefined],
])('releases chunks of a body that have been used, %s', async (_, signal) => {
  const pieces: WeakRef<Uint8Array>[] = []
  const body = Readable.from(
    (function* () {
      for (let i = 0; i < 50; i++) {
        const piece = new Uint8Array(1000)
        pieces.push(new WeakRef(piece))
        yield piece
      }
    })(),
    { highWaterMark: 1 },
  )
  let read = 0
  let alive = 0
  for await (const _ of chunksOf(body, signal)) {
    read++
    // The target of a WeakRef is kept until the end of the turn in which it was created.
    await new Promise(setImmediate)
    if (read < 50) continue
    // Only once, because it scans the heap of all earlier test files.
    collectGarbage()
    alive = pieces.filter((piece) => piece.deref() !== undefined).length
  }
  expect(read).toBe(50)
  expect(alive).toBeLessThan(10)
})

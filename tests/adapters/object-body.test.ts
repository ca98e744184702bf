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
])('lets go of the pieces of a body that have been used, %s', async (_, signal) => {
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
  const alive: number[] = []
  for await (const _ of chunksOf(body, signal)) {
    // What a WeakRef was made for in this turn stays until the next one.
    await new Promise(setImmediate)
    collectGarbage()
    alive.push(pieces.filter((piece) => piece.deref() !== undefined).length)
  }
  expect(alive).toHaveLength(50)
  expect(alive.at(-1)).toBeLessThan(10)
})

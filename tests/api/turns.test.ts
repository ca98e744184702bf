/** Callers take turns at what the API does at once only so much of. */
import { afterEach, expect, it, vi } from 'vitest'
import { Turns } from '../../api/jobs/turns.ts'

afterEach(() => void vi.restoreAllMocks())

/** Work that ends when it is told to. `begun`: in the order in which it got its turn. */
function bench(atOnce: number, options?: ConstructorParameters<typeof Turns>[1]) {
  const turns = new Turns(atOnce, options)
  const begun: string[] = []
  const running: { caller: string; end: () => void }[] = []
  // What follows begins in microtasks.
  const settled = () => new Promise(setImmediate)
  const ask = async (caller: string, times: number) => {
    for (let n = 0; n < times; n++)
      void turns.take(caller, () => {
        begun.push(caller)
        return new Promise<void>((end) => running.push({ caller, end }))
      })
    await settled()
  }
  const end = async (caller?: string) => {
    const at = caller === undefined ? 0 : running.findIndex((one) => one.caller === caller)
    running.splice(at, 1)[0]!.end()
    await settled()
  }
  return { turns, begun, ask, end }
}

it('does so much at once and no more', async () => {
  const { turns, begun, ask, end } = bench(2)
  await ask('ann', 5)
  expect([begun.length, turns.size]).toEqual([2, 5])
  await end()
  expect([begun.length, turns.size]).toEqual([3, 4])
  for (let left = 0; left < 4; left++) await end()
  expect([begun.length, turns.size]).toEqual([5, 0])
})

it('gives every second turn to the one with little, however much the other has', async () => {
  const { begun, ask, end } = bench(1)
  await ask('busy', 20)
  await ask('modest', 3)
  for (let n = 0; n < 6; n++) await end()
  expect(begun.join(' ')).toBe('busy modest busy modest busy modest busy')
})

it('gives a free turn to whoever has the fewest', async () => {
  const { begun, ask, end } = bench(4)
  await ask('busy', 20)
  await end()
  await ask('modest', 2)
  // Three of four are the busy one's still: both that come free are the modest one's.
  await end('busy')
  await end('busy')
  expect(begun.slice(5)).toEqual(['modest', 'modest'])
})

it('lets three callers wait alike', async () => {
  const { begun, ask, end } = bench(1)
  await ask('a', 9)
  await ask('b', 9)
  await ask('c', 9)
  for (let n = 0; n < 8; n++) await end()
  expect(begun.join('')).toBe('abcabcabc')
})

it('lets one alone do more at once, until somebody else comes, who does not wait for that', async () => {
  const { begun, ask, end } = bench(2, { alone: 4, atMost: 5 })
  await ask('busy', 20)
  expect(begun.length).toBe(4)
  await end()
  expect(begun.length).toBe(5)
  await ask('modest', 2)
  expect(begun.slice(5)).toEqual(['modest'])
  // Five are under way, two may be from now on: the next turn comes free with the fourth that ends.
  for (let n = 0; n < 3; n++) await end('busy')
  expect(begun.slice(6)).toEqual([])
  await end('modest')
  expect(begun.slice(6)).toEqual(['modest'])
})

it('begins no more first turns than there is room for', async () => {
  const { begun, ask } = bench(1, { alone: 2, atMost: 3 })
  await ask('busy', 9)
  await ask('b', 1)
  await ask('c', 1)
  expect(begun.join(' ')).toBe('busy busy b')
})

it('counts on a caller between its questions, and no longer than a moment', async () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
  const { begun, ask, end } = bench(1, { alone: 3 })
  await ask('modest', 1)
  await end()
  await ask('busy', 9)
  expect(begun.length).toBe(2)
  clock.mockReturnValue(2_000)
  await end()
  expect(begun.length).toBe(5)
})

it('goes on after work that fails', async () => {
  const turns = new Turns(1)
  const failed = turns.take('ann', async () => {
    throw new Error('no')
  })
  const after = turns.take('ann', async () => 'yes')
  await expect(failed).rejects.toThrow('no')
  expect([await after, turns.size]).toEqual(['yes', 0])
})

/** Fair turns: limited concurrency, shared between callers. */
import { afterEach, expect, it, vi } from 'vitest'
import { Turns } from '../../api/jobs/turns.ts'

afterEach(() => void vi.restoreAllMocks())

/** Work that ends when released. `begun`: in order of its start. */
function bench(atOnce: number, options?: ConstructorParameters<typeof Turns>[1]) {
  const turns = new Turns(atOnce, options)
  const begun: string[] = []
  const running: { caller: string; end: () => void }[] = []
  // Successors start in microtasks.
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

it('limits concurrency', async () => {
  const { turns, begun, ask, end } = bench(2)
  await ask('ann', 5)
  expect([begun.length, turns.size]).toEqual([2, 5])
  await end()
  expect([begun.length, turns.size]).toEqual([3, 4])
  for (let left = 0; left < 4; left++) await end()
  expect([begun.length, turns.size]).toEqual([5, 0])
})

it('gives every second turn to the caller with little work, however much the other has', async () => {
  const { begun, ask, end } = bench(1)
  await ask('busy', 20)
  await ask('modest', 3)
  for (let n = 0; n < 6; n++) await end()
  expect(begun.join(' ')).toBe('busy modest busy modest busy modest busy')
})

it('gives a free turn to the caller with the fewest', async () => {
  const { begun, ask, end } = bench(4)
  await ask('busy', 20)
  await end()
  await ask('modest', 2)
  // The busy caller still has three of four, so the next two free turns go to the modest one.
  await end('busy')
  await end('busy')
  expect(begun.slice(5)).toEqual(['modest', 'modest'])
})

it('treats three callers equally', async () => {
  const { begun, ask, end } = bench(1)
  await ask('a', 9)
  await ask('b', 9)
  await ask('c', 9)
  for (let n = 0; n < 8; n++) await end()
  expect(begun.join('')).toBe('abcabcabc')
})

it('gives a single caller more slots until another arrives, which does not wait for them', async () => {
  const { begun, ask, end } = bench(2, { alone: 4, atMost: 5 })
  await ask('busy', 20)
  expect(begun.length).toBe(4)
  await end()
  expect(begun.length).toBe(5)
  await ask('modest', 2)
  expect(begun.slice(5)).toEqual(['modest'])
  // Five are running and two are allowed from now on: the next turn is free when the fourth ends.
  for (let n = 0; n < 3; n++) await end('busy')
  expect(begun.slice(6)).toEqual([])
  await end('modest')
  expect(begun.slice(6)).toEqual(['modest'])
})

it('limits the total of first turns', async () => {
  const { begun, ask } = bench(1, { alone: 2, atMost: 3 })
  await ask('busy', 9)
  await ask('b', 1)
  await ask('c', 1)
  expect(begun.join(' ')).toBe('busy busy b')
})

it('remembers a caller between requests, for a moment', async () => {
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

it('continues after failed work', async () => {
  const turns = new Turns(1)
  const failed = turns.take('ann', async () => {
    throw new Error('no')
  })
  const after = turns.take('ann', async () => 'yes')
  await expect(failed).rejects.toThrow('no')
  expect([await after, turns.size]).toEqual(['yes', 0])
})

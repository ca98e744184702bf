import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { heapFlag } from '../../cli/grow-heap.ts'

test('this Node knows the flag for the growth of its heap, and would refuse another', async () => {
  const start = (flag: string) => promisify(execFile)(process.execPath, [flag, '--eval', ''])
  expect(await start(heapFlag)).toEqual({ stdout: '', stderr: '' })
  await expect(start(heapFlag.replace('percent', 'share'))).rejects.toThrow('bad option')
})

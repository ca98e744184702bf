import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { heapFlag } from '../../cli/grow-heap.ts'

/** Sets a flag as `growHeap` does. V8 reports flags that it does not know, and counts those it knows as part of its version. */
const setting = (flag: string) =>
  promisify(execFile)(process.execPath, [
    '--eval',
    `const v8 = require('node:v8'), before = v8.cachedDataVersionTag()
    v8.setFlagsFromString('${flag}')
    console.log(before !== v8.cachedDataVersionTag())`,
  ])

test('this version of Node knows the flag by which the heap grows', async () => {
  expect(await setting(heapFlag)).toEqual({ stdout: 'true\n', stderr: '' })
  expect((await setting(heapFlag.replace('percent', 'share'))).stderr).toContain('unrecognized flag')
})

import { Runtime } from '@temporalio/worker'
import { expect, test } from 'vitest'
import { keepTemporalRuntimeQuiet } from '../../cli/temporal/quiet-runtime.ts'

test('may be asked for twice in a process, and leaves the core that is there', () => {
  keepTemporalRuntimeQuiet()
  const first = Runtime.instance()
  keepTemporalRuntimeQuiet()
  expect(Runtime.instance()).toBe(first)
})

import { Runtime } from '@temporalio/worker'
import { expect, test } from 'vitest'
import { keepTemporalRuntimeQuiet } from '../../cli/temporal/quiet-runtime.ts'

test('is idempotent, and keeps an existing core', () => {
  keepTemporalRuntimeQuiet()
  const first = Runtime.instance()
  keepTemporalRuntimeQuiet()
  expect(Runtime.instance()).toBe(first)
})

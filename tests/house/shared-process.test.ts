/** Test files share a process (`isolate: false`), so none may change the modules of the next one. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')

it('no test resets or replaces modules, which would start a second service in the next file', () => {
  const tests = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.tsx?$/.test(file),
  )
  expect(tests.length).toBeGreaterThan(100)
  const offences = tests.filter((file) =>
    /\bvi\s*\.\s*(resetModules|mock|doMock|unmock|doUnmock)\(/.test(readFileSync(join(root, file), 'utf8')),
  )
  expect(offences).toEqual([])
})

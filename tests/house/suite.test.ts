/** The order of test files. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { longest } from '../setup/longest-first.ts'

it.each(longest)('starts %s early, and it exists', (name) => {
  const places = ['ts', 'tsx'].map((type) => resolve(import.meta.dirname, `../${name}.test.${type}`))
  expect(places.some((place) => existsSync(place))).toBe(true)
})

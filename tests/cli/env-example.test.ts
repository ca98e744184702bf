import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { expect, test } from 'vitest'
import { temporalNames } from '../../adapters/environment/temporal.ts'
import { variables } from '../../adapters/environment/variables.ts'
import { loadEnvironment } from '../../adapters/environment.ts'

const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')
/** Names read by the command itself, outside of the environment module. */
const ownNames = ['MOSAICME_CACHE', 'MOSAICME_URL', 'MOSAICME_API_KEY']

test('.env.example names exactly the variables that are read, each once', () => {
  const named = [...example.matchAll(/^#([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name!)
  expect([...named].sort()).toEqual([...Object.keys(variables), ...temporalNames, ...ownNames].sort())
})

test('the defaults in .env.example are the defaults', () => {
  const stated = parseEnv(example.replaceAll(/^#([A-Z])/gm, '$1')) as Record<string, string>
  // With S3, because buckets without it are an error.
  const s3 = { S3_REGION: 'eu-central-1' }
  expect(loadEnvironment({ ...stated, ...s3 })).toEqual(loadEnvironment(s3))
})

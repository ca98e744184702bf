#!/usr/bin/env node
/** The `mosaicme` command of an installed package, and of a clone after `npm ci` and `npm run build`. */
import { existsSync } from 'node:fs'
import { endWithReader } from './closed-output.mjs'
import { requireNode } from './node-version.mjs'

requireNode()
endWithReader()
const built = new URL('../dist/bundled/mosaicme.js', import.meta.url)
if (!existsSync(built)) {
  console.error('mosaicme: not built yet. Run: npm ci && npm run build')
  process.exit(1)
}
const { main } = await import(built.href)
await main(process.argv.slice(2))
// Everything is stopped and reported; a forgotten timer must not keep the process alive.
process.exit()

/** `npm run hostile`: runs the corpus against a service, a line per attack, and the figures of docs/reliability.md. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAssault } from './assault.ts'
import { corpus } from './corpus.ts'
import { isExpected } from './hostile-case.ts'

const folder = await mkdtemp(join(tmpdir(), 'mosaicme-hostile-'))
/** Run only attacks whose names contain this; default: all. */
const [only = ''] = process.argv.slice(2)
const assault = await startAssault({ DATA_DIR: folder })
let wrong = 0
let costliest = { name: '', cpuSeconds: 0 }
let total = 0
const chosen = corpus.filter(({ name }) => name.includes(only))
try {
  for (const one of chosen) {
    const { outcome, cpuSeconds } = await assault.run(one)
    const fine = isExpected(one, outcome) && cpuSeconds < 2
    if (!fine) wrong++
    if (cpuSeconds > costliest.cpuSeconds) costliest = { name: one.name, cpuSeconds }
    total += cpuSeconds
    console.log(
      `${fine ? ' ' : '!'} ${cpuSeconds.toFixed(2).padStart(5)} s  ${outcome.padEnd(32)} ${one.name}`,
    )
    if (!isExpected(one, outcome)) console.log(`          expected ${String(one.expected)}`)
  }
  await assault.settle()
  const { before, after, leaks } = await assault.account()
  const MB = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`
  console.log(
    [
      `${chosen.length} attacks, ${wrong} answered otherwise than expected; ${total.toFixed(1)} s of CPU`,
      `costliest: ${costliest.cpuSeconds.toFixed(2)} s, ${costliest.name}`,
      `process ${before.pid} before, ${after.pid} after; memory ${MB(before.rss)} before, ${MB(after.rss)} after`,
      `${leaks.length} leaks, ${assault.errors().length} errors logged`,
      ...leaks.map(({ attack, found }) => `leak: ${found} in ${attack}`),
      ...assault.errors(),
    ].join('\n'),
  )
  if (wrong + leaks.length + assault.errors().length > 0) process.exitCode = 1
} finally {
  await assault.stop()
  await rm(folder, { recursive: true, force: true })
}

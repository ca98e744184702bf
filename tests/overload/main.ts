/**
 * `npm run build && npx tsx tests/overload/main.ts [--times 10] [--seconds 10] [--open 200] [--json FILE]`: `mosaicme up` as
 * people start it, at ten times its capacity. Exits with 1 if something was lost.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { imgKey, startMosaicme } from '../../bench/resize/servers.ts'
import { overload } from './overload.ts'

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '10' },
    /** MAX_OPEN_JOBS: fewer than the default of 1,000, so that the last of them is done soon. */
    open: { type: 'string', default: '200' },
    json: { type: 'string' },
  },
})
const work = await mkdtemp(join(tmpdir(), 'mosaicme-overload-'))
const server = await startMosaicme(resolve(import.meta.dirname, '../..'), work, {
  MAX_OPEN_JOBS: values.open,
})
try {
  const counts = await overload({
    site: server.url,
    img: { key: Buffer.from(imgKey.key, 'hex'), salt: Buffer.from(imgKey.salt, 'hex') },
    seconds: Number(values.seconds),
    times: Number(values.times),
    log: (line) => console.log(line),
  })
  console.log(
    '\n| | a second | asked | accepted, all done | 429 | 503 | p95 of answers, ms | over after, s |\n' +
      '| --- | --- | --- | --- | --- | --- | --- | --- |',
  )
  for (const { what, capacity, asked, accepted, lost, refused, unavailable, p95, seconds } of counts.floods)
    console.log(
      `| ${what} | ${capacity.toFixed(1)} | ${asked} | ${accepted}${lost.length > 0 ? ` **but ${lost.length}**` : ''} | ` +
        `${refused} | ${unavailable} | ${p95.toFixed(0)} | ${seconds.toFixed(0)} |`,
    )
  console.log(`peak RSS ${server.peakMb()} MB`)
  for (const { lost, otherAnswers } of counts.floods)
    for (const line of [...lost, ...otherAnswers].slice(0, 10)) console.log(line)
  if (values.json) await writeFile(values.json, JSON.stringify(counts))
  const broken = counts.floods.some(
    ({ lost, otherAnswers, withoutRetryAfter, silent }) =>
      lost.length > 0 || otherAnswers.length > 0 || withoutRetryAfter > 0 || silent,
  )
  if (broken || !counts.readyAfterwards) process.exitCode = 1
} finally {
  await server.stop()
  await rm(work, { recursive: true, force: true })
}

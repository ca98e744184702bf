/**
 * How long people wait: from a post that mentions the account to its reply, with `mosaicme up` and its
 * defaults, a fake X on this machine, one post at a time, each at a random moment of the polling interval.
 *
 *   npm run build && npx tsx bench/post-to-answer.ts [--posts 40] [--tiles 200] [--side 6] [--calm]
 *
 * With --calm each post waits, for at most five minutes, until the machine is idle, so that other load is not
 * measured. Exits with 1 if the p95 exceeds 15 s, or a reply does not come.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { addTiles } from '../activities/tile-library/index.ts'
import { openObjectStore } from '../adapters/object-store/open-object-store.ts'
import { mulberry32 } from '../tests/servers/x/faults.ts'
import { startX } from '../tests/servers/x/start-x.ts'
import { tilePhoto } from '../tests/workflows/pictures.ts'
import { startMosaicme } from './resize/servers.ts'

const { values } = parseArgs({
  options: {
    posts: { type: 'string', default: '40' },
    tiles: { type: 'string', default: '200' },
    // In units of 160 x 120 px: 6 is a photo of 960 x 720.
    side: { type: 'string', default: '6' },
    calm: { type: 'boolean', default: false },
  },
})
const count = Number(values.posts)
/** Seconds. */
const bar = 15
/** Time between a reply and the next post, ms; up to more than a polling interval. */
const [shortest, longest] = [500, 6_000]

const folder = await mkdtemp(join(tmpdir(), 'mosaicme-answers-'))
const x = await startX()
const store = await openObjectStore({ dataDir: join(folder, 'data') })
await addTiles({ store, library: 'small', photos: photos() })
await store.close()
const server = await startMosaicme(resolve(import.meta.dirname, '..'), folder, {
  ...x.environment,
  PUBLIC_URL: 'https://mosaics.example',
  LISTEN_LIBRARY: 'small',
})
const seconds: number[] = []
try {
  await x.set({ photoScale: Number(values.side) })
  const random = mulberry32(1)
  for (let n = 0; n < count; n++) {
    await delay(shortest + random() * (longest - shortest))
    if (values.calm) await calm()
    const before = performance.now()
    const { id } = await x.post({ text: `@mosaicbot make one #mosaicme ${n}`, by: `person${n}` })
    await answerTo(id)
    seconds.push((performance.now() - before) / 1000)
    console.error(`${n + 1}: ${seconds.at(-1)!.toFixed(1)} s (load ${loadavg()[0]!.toFixed(1)})`)
  }
} finally {
  await server.stop()
  await x.stop()
  await rm(folder, { recursive: true, force: true })
}
seconds.sort((a, b) => a - b)
const at = (part: number) => seconds[Math.max(0, Math.ceil(part * seconds.length) - 1)]!
console.log(
  `${count} posts: p50 ${at(0.5).toFixed(1)} s, p95 ${at(0.95).toFixed(1)} s, longest ${at(1).toFixed(1)} s`,
)
if (at(0.95) > bar) {
  console.error(`expected 95 of 100 answers within ${bar} s`)
  process.exitCode = 1
}

async function* photos() {
  for (let n = 0; n < Number(values.tiles); n++) yield { name: `tile ${n}`, bytes: await tilePhoto(n) }
}

/** Waits until half of the CPU time of a second was idle. */
async function calm(): Promise<void> {
  for (let waited = 0; waited < 300; waited++) {
    const before = times()
    await delay(1_000)
    const after = times()
    if ((after.idle - before.idle) / (after.all - before.all) >= 0.5) return
  }
}

function times(): { idle: number; all: number } {
  const all = cpus().flatMap((cpu) => Object.values(cpu.times))
  const idle = cpus().reduce((sum, cpu) => sum + cpu.times.idle, 0)
  return { idle, all: all.reduce((sum, time) => sum + time, 0) }
}

/** @throws if there is no reply within two minutes */
async function answerTo(id: string): Promise<void> {
  for (let waited = 0; waited < 120_000; waited += 100) {
    if ((await x.state()).own.some(({ reply_to }) => reply_to === id)) return
    await delay(100)
  }
  throw new Error(`expected an answer to ${id} within two minutes, there is none`)
}

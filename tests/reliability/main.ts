/**
 * `npm run reliability -- [--only chaos,restore] [--jobs 500] [--tries 100000] [--minutes 60]`: plays the games and
 * writes the results into docs/reliability.md. Exits with 1 if something was lost.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { countsIn, games } from './games.ts'
import { type Row, withRows } from './table.ts'

const root = resolve(import.meta.dirname, '../..')
const page = join(root, 'docs', 'reliability.md')
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    jobs: { type: 'string', default: '500' },
    tries: { type: 'string', default: '100000' },
    /** For the steady game. */
    minutes: { type: 'string', default: '60' },
  },
})
const chosen = values.only?.split(',') ?? Object.keys(games)
const unknown = chosen.filter((name) => !(name in games))
if (unknown.length > 0)
  throw new Error(`expected some of ${Object.keys(games).join(', ')}, got ${unknown.join(', ')}`)

const amounts = {
  ...{ jobs: Number(values.jobs), tries: Number(values.tries), minutes: Number(values.minutes) },
}
const folder = await mkdtemp(join(tmpdir(), 'mosaicme-reliability-'))
try {
  for (const name of chosen) {
    const { command, row } = games[name]!
    const file = join(folder, `${name}.json`)
    console.log(`\n${name}: node ${command(file, amounts).join(' ')}`)
    const child = spawn(process.execPath, command(file, amounts), {
      cwd: root,
      stdio: 'inherit',
    })
    const [code] = (await once(child, 'exit')) as [number | null]
    if (code !== 0) process.exitCode = 1
    const told: Row = { game: name, day: new Date().toISOString().slice(0, 10), ...row(await countsIn(file)) }
    console.log(told)
    // Written after each game, so that a failing one does not lose the others' rows.
    await writeFile(page, withRows(await readFile(page, 'utf8'), [told]))
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

/**
 * `npm run fuzz -- [--runs 100000] [--seed 1] [--only requests] [--json FILE]`: the long form of fuzz.test.ts. Ends with 1
 * after a defect.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { startTemporal } from '../servers/temporal.ts'
import { type FuzzCounts, fuzz } from './fuzz.ts'
import { openWorld } from './world.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
  },
})
const begun = performance.now()
const temporal = await startTemporal()
const world = await openWorld({ address: temporal.address, namespace: 'default' })
try {
  const { counts, defects } = await fuzz({
    runs: Number(values.runs),
    seed: Number(values.seed),
    world,
    only: values.only,
  })
  for (const { name, tries, taken, refused } of counts)
    console.log(
      `${String(tries).padStart(7)} tries ${String(taken).padStart(7)} taken ${String(refused).padStart(7)} refused  ${name}`,
    )
  const sum = (pick: (one: (typeof counts)[number]) => number) =>
    counts.reduce((so, one) => so + pick(one), 0)
  const all: FuzzCounts = {
    seed: Number(values.seed),
    routes: counts.filter(({ name }) => /^[A-Z]+ \//.test(name)).length,
    names: counts.length,
    ...{
      tries: sum(({ tries }) => tries),
      taken: sum(({ taken }) => taken),
      refused: sum(({ refused }) => refused),
    },
    ...{ defects: defects.length, errorsLogged: world.errors.length },
    seconds: (performance.now() - begun) / 1000,
  }
  console.log(
    `${all.tries} tries, ${all.taken} taken, ${all.refused} refused, ` +
      `${all.defects} defects, ${all.errorsLogged} errors logged (seed ${all.seed})`,
  )
  if (values.json !== undefined) await writeFile(values.json, JSON.stringify(all))
  for (const line of [...defects, ...world.errors.slice(0, 10)]) console.log(line)
  if (defects.length + world.errors.length > 0) process.exitCode = 1
} finally {
  await world.stop()
  await temporal.stop()
}

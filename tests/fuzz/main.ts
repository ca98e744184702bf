/** `npm run fuzz -- [--runs 100000] [--seed 1] [--only requests]`: the long form of fuzz.test.ts. Ends with 1 after a defect. */
import { parseArgs } from 'node:util'
import { startTemporal } from '../servers/temporal.ts'
import { fuzz } from './fuzz.ts'
import { openWorld } from './world.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
})
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
  console.log(
    `${sum(({ tries }) => tries)} tries, ${sum(({ taken }) => taken)} taken, ${sum(({ refused }) => refused)} refused, ` +
      `${defects.length} defects, ${world.errors.length} errors logged (seed ${values.seed})`,
  )
  for (const line of [...defects, ...world.errors.slice(0, 10)]) console.log(line)
  if (defects.length + world.errors.length > 0) process.exitCode = 1
} finally {
  await world.stop()
  await temporal.stop()
}

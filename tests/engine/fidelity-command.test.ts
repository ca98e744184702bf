import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { fidelityCommand } from '../../cli/commands/fidelity.ts'
import { composeMosaic, encodePlan, planMosaic } from '../../engine/index.ts'
import { picture, tileSet } from './pictures.ts'

let directory: string
let target: string
let mosaic: string
let plan: string
let promised: { k1: number; k2: number; k4: number }
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mosaicme-fidelity-'))
  target = join(directory, 'target.png')
  plan = join(directory, 'plan.json')
  const tiles = tileSet(90, { side: 16 })
  const bytes = await picture(60, 40).png().toBuffer()
  const options = { cell: 16, scale: 8, distance: 2, format: 'png' as const }
  const planned = await planMosaic({ target: bytes, tiles, options })
  mosaic = (await composeMosaic({ plan: planned, tiles, directory, pyramid: false })).large.path
  promised = planned.fidelity
  await writeFile(target, bytes)
  await writeFile(plan, encodePlan(planned))
})
afterEach(() => vi.restoreAllMocks())
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

async function run(...args: string[]): Promise<string> {
  const said = vi.spyOn(console, 'log').mockImplementation(() => {})
  await fidelityCommand.exitOverride().parseAsync(args, { from: 'user' })
  return said.mock.calls.flat().join('\n')
}

test('measures what the plan says, with the grid of the plan or in numbers', async () => {
  const measured = JSON.parse(await run(target, mosaic, '--plan', plan, '--json'))
  for (const k of ['k1', 'k2', 'k4'] as const) expect(Math.abs(measured[k] - promised[k])).toBeLessThan(0.2)
  vi.restoreAllMocks()
  expect(await run(target, mosaic, '--grid', '30x20')).toContain(`${measured.k1} at one sample a tile`)
})

test.each([
  ['no grid', () => [target, mosaic], /Expected --grid or --plan/],
  ['a grid without columns', () => [target, mosaic, '--grid', '0x20'], /such as 320x180/],
  ['a missing picture', () => [join(directory, 'no.png'), mosaic, '--grid', '3x3'], /Cannot read .*no\.png/],
  ['a mosaic that is not a picture', () => [target, plan, '--grid', '3x3'], /Expected a picture/],
])('%s gives a message', async (_, args, sentence) => {
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  /* The command object is shared by all tests, so earlier options must be reset. */
  fidelityCommand.setOptionValue('grid', undefined).setOptionValue('plan', undefined)
  await expect(run(...args())).rejects.toThrow(sentence)
})

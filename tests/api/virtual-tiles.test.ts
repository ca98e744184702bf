/** Deep-zoom tiles that are rendered when somebody looks: anybody may, so that there is an end to how many wait. */
import { availableParallelism } from 'node:os'
import { expect, it } from 'vitest'
import type { ApiDependencies } from '../../api/app.ts'
import { createVirtualTiles } from '../../api/jobs/virtual-tiles.ts'

it('tells those to come back who are more than can be served soon', async () => {
  let goOn = () => {}
  const gate = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const store = {
    head: async () => undefined,
    async get() {
      await gate
      throw new Error('the store is empty')
    },
  }
  const deps = { store, openLibrary: async () => undefined } as unknown as ApiDependencies
  const virtualTile = createVirtualTiles(deps)
  const room = availableParallelism() + 256
  const answers = Array.from({ length: room + 3 }, (_, n) =>
    virtualTile('mosaic-1', `9/${n}_0.jpg`).catch(
      (error: Error & { code?: string }) => error.code ?? error.message,
    ),
  )
  const refused = await Promise.all(answers.slice(room))
  goOn()
  expect(refused).toEqual(Array(3).fill('overloaded'))
  expect(new Set(await Promise.all(answers.slice(0, room)))).toEqual(new Set(['the store is empty']))
})

/** The architecture as a test: which folder may import which. The table is the one in docs/ARCHITECTURE.md. */
import { dirname, relative, resolve, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Import, importsOf, root } from './imports.ts'

type Rule = {
  /** Folders it may import from, besides itself. */
  values: string[]
  /** Folders from which it may import types. */
  types: string[]
}

const rules: Record<string, Rule> = {
  workflows: { values: [], types: ['activities'] },
  activities: { values: ['engine', 'adapters'], types: [] },
  workers: { values: ['activities', 'adapters', 'workflows/contract'], types: [] },
  api: { values: ['adapters', 'engine', 'workflows/contract'], types: ['workflows'] },
  web: { values: [], types: ['api', 'adapters', 'workflows'] },
  engine: { values: [], types: [] },
  adapters: { values: [], types: [] },
  cli: {
    values: ['workflows/contract', 'activities', 'workers', 'api', 'web', 'engine', 'adapters'],
    types: ['workflows'],
  },
}

/** Packages that must not enter the workflow sandbox. */
const workflowPackages = new Set(['@temporalio/workflow', '@temporalio/common'])

/** `workflows/contract/job.ts`, or `undefined` for a package. */
function target({ file, specifier }: Import): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  return relative(root, resolve(dirname(file), specifier))
    .split(sep)
    .join('/')
}

const within = (path: string, folders: string[]) => folders.some((folder) => path.startsWith(`${folder}/`))

describe.each(Object.entries(rules))('%s/', (folder, { values, types }) => {
  it('imports only what the architecture allows', () => {
    const imports = [...importsOf(folder)]
    expect(imports.length).toBeGreaterThan(0)
    const offences = imports
      .filter((found) => {
        const path = target(found)
        if (path === undefined) return false
        return !within(path, [folder, ...values, ...(found.typeOnly ? types : [])])
      })
      .map((found) => `${relative(root, found.file)} imports ${found.specifier}`)
    expect(offences).toEqual([])
  })
})

it('keeps packages out of the workflow sandbox that would break determinism', () => {
  const offences = [...importsOf('workflows')]
    .filter((found) => !found.typeOnly && target(found) === undefined)
    .filter(({ specifier }) => !workflowPackages.has(specifier))
  expect(offences).toEqual([])
})

it('lets matching threads start without decoders, schemas and pools', () => {
  const imports = [...importsOf('engine')]
  const importsBy = (path: string) => imports.filter(({ file }) => file === resolve(root, path))
  const loaded = new Set(['engine/thread-entry.ts'])
  const packages = new Set<string>()
  for (const file of loaded)
    for (const found of importsBy(file)) {
      if (found.typeOnly || found.specifier.startsWith('node:')) continue
      const path = target(found)
      if (path === undefined) packages.add(found.specifier)
      else loaded.add(path)
    }
  expect(loaded).toContain('engine/auction.ts')
  expect([...packages]).toEqual([])
})

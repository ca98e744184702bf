/** Packages installed with mosaicme: licences, integrity and install scripts. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
// @ts-expect-error: a script without types.
import { licencesOf, listOf } from '../../scripts/licences.mjs'
import { importsOf, root } from './imports.ts'

const read = (path: string) => readFileSync(resolve(root, path), 'utf8')
const lock = JSON.parse(read('package-lock.json')) as {
  packages: Record<
    string,
    { version?: string; hasInstallScript?: boolean; integrity?: string; resolved?: string; link?: boolean }
  >
}
const { allowScripts, dependencies, files } = JSON.parse(read('package.json')) as {
  files: string[]
  allowScripts: Record<string, boolean>
  dependencies: Record<string, string>
}
const installed = Object.entries(lock.packages).filter(([path]) => path !== '')
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

it('lists each package with an install script by name', () => {
  const scripted = installed
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => nameOf(path))
  expect(scripted.length).toBeGreaterThan(0)
  expect([...new Set(scripted)].sort()).toEqual(Object.keys(allowScripts).sort())
})

it('pins every package by hash, from the registry', () => {
  for (const [path, { integrity, resolved, link }] of installed) {
    expect(integrity, path).toMatch(/^sha512-/)
    // Absent: the registry that npm is configured with.
    expect(resolved ?? 'https://registry.npmjs.org/', path).toMatch(/^https:\/\/registry\.npmjs\.org\//)
    expect(link, path).toBeUndefined()
  }
})

it('lists the licences, and has only accepted ones', () => {
  const packages = licencesOf(lock) as { name: string; refused?: string }[]
  expect(packages.length).toBeGreaterThan(100)
  expect(packages.filter(({ refused }) => refused)).toEqual([])
  expect(listOf(packages)).toContain('| LGPL-3.0-or-later |')
  const others = [
    ['GPL-3.0-only', 'GPL-3.0-only'],
    ['MIT OR GPL-3.0-only', undefined],
    ['(MIT AND GPL-3.0-only)', 'GPL-3.0-only'],
    [undefined, 'unknown'],
  ]
  for (const [license, refused] of others)
    expect(licencesOf({ packages: { 'node_modules/other': { version: '1.0.0', license } } })).toEqual([
      expect.objectContaining({ refused }),
    ])
})

it('has an SBOM with every production package', async () => {
  const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], {
    cwd: root,
    maxBuffer: 2 ** 26,
  })
  const bill = JSON.parse(stdout) as { bomFormat: string; components: { name: string; version: string }[] }
  expect(bill.bomFormat).toBe('CycloneDX')
  const named = new Set(bill.components.map(({ name, version }) => `${name}@${version}`))
  expect([...named].some((one) => one.startsWith('sharp@'))).toBe(true)
  expect([...named].some((one) => one.startsWith('vitest@'))).toBe(false)
})

it('installs exactly what the code imports', () => {
  const folders = ['workflows', 'activities', 'workers', 'api', 'web', 'engine', 'adapters', 'cli']
  // Bundled packages, and those for bundling, are only needed at build time.
  const building = /^(web\/islands\/|web\/vite\.config|engine\/wasm\/)/
  const imported = folders
    .flatMap((folder) => [...importsOf(folder)])
    .filter(({ file }) => !building.test(relative(root, file)))
    .filter(({ specifier }) => !specifier.startsWith('.') && !isBuiltin(specifier))
    .map(({ specifier }) => /^(@[^/]+\/)?[^/]+/.exec(specifier)![0])
  // Temporal reads JSON histories with the first copy it finds, which must be the one it was built for.
  const unseen = ['protobufjs']
  const wanted = Object.keys(dependencies).filter((name) => !unseen.includes(name))
  expect([...new Set(imported)].sort()).toEqual(wanted.sort())
})

it('ships the scripts that the command needs', () => {
  const scripts = files.filter((path) => path.startsWith('scripts/'))
  expect(scripts).toEqual(expect.arrayContaining(['scripts/mosaicme.mjs', 'scripts/leash.mjs']))
  for (const script of scripts)
    for (const [, name] of read(script).matchAll(/from '\.\/(.+\.mjs)'/g))
      expect(scripts, script).toContain(`scripts/${name}`)
})

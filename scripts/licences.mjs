/**
 * `npm run licences`: what the packages that are installed with mosaicme may be used for, from the lock file. Ends with 1 when
 * one has a licence that nobody has agreed to.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './run.mjs'

/** Names from https://spdx.org/licenses. These ask for no more than their text to be passed on. */
const agreed = new Set([
  ...['MIT', 'MIT-0', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD', 'Unlicense', 'CC0-1.0'],
  ...['BlueOak-1.0.0', 'Python-2.0'],
])

/** What asks for more, agreed to by name, with the reason. */
const agreedByName = [
  {
    packages: /^@img\/sharp-/,
    licence: 'LGPL-3.0-or-later',
    why: 'libvips and what it is made of: a shared library, loaded as it comes, which can be replaced by another build of it',
  },
  {
    packages: /^caniuse-lite$/,
    licence: 'CC-BY-4.0',
    why: 'a table about browsers, used by the bundler, unchanged',
  },
]

/** Packages whose `package.json` names no licence, and where it stands instead. */
const unnamed = { unionfs: ['Unlicense', 'its LICENSE file'] }

export function licencesOf(lock) {
  const packages = new Map()
  for (const [path, { version, license, dev }] of Object.entries(lock.packages)) {
    if (path === '' || dev) continue
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const licence = license ?? unnamed[name]?.[0] ?? 'unknown'
    packages.set(`${name}@${version}`, { name, version, licence, refused: refusedPart(name, licence) })
  }
  return [...packages.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/** The part of an SPDX expression that is not agreed to; of `A OR B` one will do. */
function refusedPart(name, expression) {
  const isAgreed = (id) =>
    agreed.has(id) || agreedByName.some(({ packages, licence }) => licence === id && packages.test(name))
  return expression
    .replaceAll(/[()]/g, '')
    .split(/\s+AND\s+/)
    .find((part) => !part.split(/\s+OR\s+/).some(isAgreed))
}

export function listOf(packages) {
  const byLicence = Map.groupBy
    ? Map.groupBy(packages, ({ licence }) => licence)
    : packages.reduce((map, one) => map.set(one.licence, [...(map.get(one.licence) ?? []), one]), new Map())
  const rows = [...byLicence]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(
      ([licence, of]) =>
        `| ${licence} | ${of.length} | ${of
          .map(({ name }) => name)
          .filter(unique)
          .join(', ')} |`,
    )
  const reasons = agreedByName.map(
    ({ packages, licence, why }) => `- ${licence}, \`${packages.source}\`: ${why}.`,
  )
  return `# Licences

Of what is installed with mosaicme, the packages for building and testing it aside, from the lock file; binaries for other platforms are in the list, one of each is installed. mosaicme itself: MIT.

| licence | packages | which |
| --- | --- | --- |
${rows.join('\n')}

Agreed to by name:

${reasons.join('\n')}
`
}

const unique = (name, at, names) => names.indexOf(name) === at

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const packages = licencesOf(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')))
  const refused = packages.filter((one) => one.refused)
  for (const { name, version, licence } of refused)
    console.error(`${name}@${version}: ${licence} is not agreed to`)
  console.log(listOf(packages))
  console.error(`${packages.length} packages, ${refused.length} of them with licences that are not agreed to`)
  if (refused.length > 0) process.exitCode = 1
}

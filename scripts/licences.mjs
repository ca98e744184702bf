/**
 * `npm run licences`: checks the licences of all packages installed with mosaicme, from the lock file. Exits with 1 if one has a
 * licence that has not been accepted.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './run.mjs'

/** SPDX identifiers (https://spdx.org/licenses) of licences that only require passing on their text. */
const accepted = new Set([
  ...['MIT', 'MIT-0', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD', 'Unlicense', 'CC0-1.0'],
  ...['BlueOak-1.0.0', 'Python-2.0'],
])

/** Packages with further conditions, accepted by name, with the reason. */
const acceptedByName = [
  {
    packages: /^@img\/sharp-/,
    licence: 'LGPL-3.0-or-later',
    why: 'libvips and its dependencies: an unchanged shared library, which can be replaced by another build of it',
  },
  {
    packages: /^caniuse-lite$/,
    licence: 'CC-BY-4.0',
    why: 'a table about browsers, used by the bundler, unchanged',
  },
]

/** Packages without a licence in `package.json`, and where it is instead. */
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

/** The part of an SPDX expression that is not accepted; of `A OR B`, one is enough. */
function refusedPart(name, expression) {
  const isAgreed = (id) =>
    accepted.has(id) || acceptedByName.some(({ packages, licence }) => licence === id && packages.test(name))
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
  const reasons = acceptedByName.map(
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
    console.error(`${name}@${version}: ${licence} is not accepted`)
  console.log(listOf(packages))
  console.error(`${packages.length} packages, ${refused.length} of them with licences that are not accepted`)
  if (refused.length > 0) process.exitCode = 1
}

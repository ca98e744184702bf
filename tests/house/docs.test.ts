/** Checks README and docs against the repository: links, commands, scripts, variables and code. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { commands } from '../../cli/main.ts'
import { queueServices } from '../../workers/queues.ts'
import { allSearchAttributes } from '../../workflows/contract/search-attributes.ts'
import { allTaskQueues } from '../../workflows/contract/task-queues.ts'

const root = resolve(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const pagesIn = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
const pages = [...pagesIn('.'), ...pagesIn('docs'), ...pagesIn('docs/decisions')]
/** Histories keep the names of their time. */
const current = pages.filter((page) => page !== 'CHANGELOG.md')
const everyPage = current.map(read).join('\n')

const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, first]) => first!)
const spans = found(everyPage.replaceAll(/^```.*?^```/gms, ''), /`([^`\n]+)`/g)
const blocks = found(everyPage, /^ *```sh\n(.*?)^ *```/gms)
/** All commands that somebody might type, without comments. */
const typed = [...spans, ...blocks.flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))].map(
  (line) => line.replace(/\s+#.*/, '').trim(),
)

it.each(pages)('%s has working links', (page) => {
  const links = found(read(page).replaceAll(/^```.*?^```/gms, ''), /\]\(([^)\s]+)\)/g)
  const missing = links
    .filter((link) => !/^https?:|^#/.test(link))
    .filter((link) => !existsSync(resolve(root, dirname(page), link.replace(/#.*/, ''))))
  expect(missing).toEqual([])
})

it('links from the README to every page', () => {
  const readme = read('README.md')
  for (const page of pagesIn('docs')) expect(readme).toContain(`](${page})`)
})

it('names existing files', () => {
  const folders = 'activities|adapters|api|bench|cli|deploy|docs|engine|scripts|tests|web|workers|workflows'
  const paths = spans.filter((span) => new RegExp(`^(${folders})/[\\w./-]+$`).test(span))
  expect(paths.length).toBeGreaterThan(20)
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
  const run = found(typed.join('\n'), /\b(?:tsx|node) ([\w/-]+\.m?ts|scripts\/[\w-]+\.mjs)/g)
  expect(run.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

it('names existing files in the code, too', () => {
  const folders =
    'activities|adapters|api|bench|cli|deploy|docs|engine|scripts|tests|web|workers|workflows'.split('|')
  const sources = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(tsx?|mjs|ya?ml|css)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  const path = new RegExp(
    `(?<![\\w./-])((?:${folders.join('|')})/[\\w./-]+\\.(?:tsx?|mjs|md|ya?ml|json|css))\\b`,
    'g',
  )
  const missing = sources.flatMap((source) =>
    found(readFileSync(source, 'utf8'), path)
      .filter((named) => !existsSync(join(root, named)))
      .map((named) => `${source} names ${named}`),
  )
  expect(missing).toEqual([])
})

it('uses scripts that package.json has', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const run = found(typed.join('\n'), /\bnpm run ([\w-]+)/g)
  expect(run.length).toBeGreaterThan(3)
  for (const name of run) expect(Object.keys(scripts)).toContain(name)
})

it('uses variables that .env.example has', () => {
  const own = new Set(found(read('.env.example'), /^#?([A-Z][A-Z0-9_]+)=/gm))
  const others =
    /^(AWS|OTEL|LOCAL|ROOT|MALLOC|IMGPROXY|NODE)_|_\*?$|^(PUBLISH|WAIT_CANCELLATION_COMPLETED|AUTO_UPGRADE)$/
  const named = spans.flatMap((span) => found(span, /^([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=|$)/g))
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter((name) => !own.has(name) && !others.test(name))).toEqual([])
})

describe('mosaicme', () => {
  const lines = typed
    .map((line) => /^(?:[A-Z_]+=\S+ )*(?:npx )?mosaicme ((?:--)?[a-z].*)$/.exec(line)?.[1] ?? '')
    .filter((line) => line !== '')

  it.each([...new Set(lines)])('%s', async (line) => {
    const [name = '', ...words] = line.replace(/\s[|&>].*/, '').split(/\s+/)
    if (name.startsWith('--')) return
    expect(Object.keys(commands)).toContain(name)
    let command: Command = await commands[name]!.load()
    while (command.commands.length > 0) {
      const sub = command.commands.find((one) => one.name() === words[0])
      if (!sub) break
      command = sub
      words.shift()
    }
    // A command with subcommands needs one of them, or help.
    if (command.commands.length > 0) expect(words).toEqual(words.length > 0 ? ['--help'] : [])
    const flags = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/[`.,;].*$/, ''))
    const known = command.options.flatMap(({ long, short }) => [long, short])
    for (const flag of flags) expect([...known, '--help'], flag).toContain(flag)
  })
})

describe('docs/temporal.md', () => {
  const row = /^\| (.+?) \| \[(.+?)\]\(\.\.\/(.+?)\) \| (.+) \|$/gm
  const rows = [...read('docs/temporal.md').matchAll(row)].map(([, feature, text, path, purpose]) => ({
    ...{ feature, text, path: path!, purpose },
  }))

  it.each(rows)('$feature: $path', ({ feature, text, path, purpose }) => {
    expect(text).toBe(path)
    const code = read(path)
    for (const span of found(`${feature} ${purpose}`, /`([^`]+)`/g)) expect(code).toContain(span)
  })

  it('has rows', () => expect(rows.length).toBeGreaterThan(30))
})

it('lists every task queue with its steps', () => {
  const [, table = ''] = read('docs/ARCHITECTURE.md').split('## Task queues')
  const rows = new Map(
    [...table.matchAll(/^\| `([a-z-]+)` \| (.+?) \|/gm)].map(([, name, steps]) => [name, steps]),
  )
  expect([...rows.keys()].sort()).toEqual([...allTaskQueues].sort())
  for (const queue of allTaskQueues)
    for (const step of queueServices[queue].steps)
      expect(rows.get(queue)).toContain(step.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
})

it('documents how to register our search attributes by hand', () => {
  const command = /temporal operator search-attribute create[^`]+/.exec(read('docs/deploying.md'))![0]
  expect(found(command, /--name (\w+)/g).sort()).toEqual(allSearchAttributes.map(({ name }) => name).sort())
})

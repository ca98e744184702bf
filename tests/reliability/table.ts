/** The table of games in docs/reliability.md: one row per game, by name. Rows of games that were not played stay. */

export interface Row {
  game: string
  /** What was broken. */
  tried: string
  often: string
  lost: string
  /** 2026-11-21 */
  day: string
}

const begin = '<!-- games: npm run reliability -->'
const end = '<!-- /games -->'
const head = `| exercise | what was tried | how often | what was lost | run |
| --- | --- | --- | --- | --- |`

/** @throws if the page has no place for the table */
export function withRows(page: string, rows: readonly Row[]): string {
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from)
    throw new Error(`expected ${begin} and ${end} in the page, found neither or one of them`)
  const before = page
    .slice(from, to)
    .split('\n')
    .filter((line) => /^\| `/.test(line))
  const all = new Map(before.map((line) => [/^\| `([^`]+)`/.exec(line)?.[1] ?? line, line]))
  for (const { game, tried, often, lost, day } of rows)
    all.set(game, `| ${[`\`${game}\``, tried, often, lost, day].map(cell).join(' | ')} |`)
  return `${page.slice(0, from)}${begin}\n${head}\n${[...all.values()].join('\n')}\n${page.slice(to)}`
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

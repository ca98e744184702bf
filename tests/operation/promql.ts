/** Checks PromQL expressions against scraped series, with Prometheus' own grammar. */
import { parser } from '@prometheus-io/lezer-promql'

export interface Sample {
  name: string
  labels: Record<string, string>
}

/** Lines in Prometheus' text format. */
export function samplesOf(text: string): Sample[] {
  return [...text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+/gm)].map(([, name = '', labels = '']) => ({
    name,
    labels: Object.fromEntries(
      [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, value]) => [label!, value!]),
    ),
  }))
}

/** Variables that Grafana replaces. */
const withValues = (expression: string) => expression.replaceAll('$__rate_interval', '1m')
/** Labels that Prometheus adds. */
const fromScraping = new Set(['instance', 'job'])

/** A message for each expression that does not parse, and for each missing series or label. */
export function offencesOf(expressions: readonly string[], samples: readonly Sample[]): string[] {
  return expressions.map(withValues).flatMap((text) => offences(text, samples))
}

type Node = ReturnType<typeof parser.parse>['topNode']

function offences(text: string, samples: readonly Sample[]): string[] {
  const found: string[] = []
  const visit = (node: Node, grouping: string[]) => {
    if (node.type.isError) found.push(`${text}: does not parse at ${node.from}`)
    const labels = [...grouping, ...groupingLabels(node)]
    if (node.name === 'VectorSelector' && !isThere(node, labels))
      found.push(`${text}: no ${word(node)} with labels ${labels.join(', ')}`)
    for (let child = node.firstChild; child; child = child.nextSibling) visit(child, labels)
  }
  visit(parser.parse(text).topNode, [])
  return found

  function word(node: Node): string {
    return text.slice(node.from, node.to)
  }

  function groupingLabels(node: Node): string[] {
    if (node.name !== 'AggregateExpr') return []
    const by = node.getChild('AggregateModifier')?.getChild('GroupingLabels')?.getChildren('LabelName') ?? []
    return by.map(word).filter((label) => !fromScraping.has(label))
  }

  function isThere(selector: Node, labels: string[]): boolean {
    const name = selector.getChild('Identifier')
    const matchers = selector.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
    const wanted = matchers.map((matcher) => {
      const [, label = '', operator = '', value = ''] =
        /^(\w+)\s*([=!~]+)\s*"(.*)"$/.exec(word(matcher)) ?? []
      return { label, value: operator === '=' ? value : undefined }
    })
    return samples.some(
      (sample) =>
        name !== null &&
        sample.name === word(name) &&
        labels.every((label) => label in sample.labels) &&
        wanted.every(
          ({ label, value }) =>
            label in sample.labels && (value ?? sample.labels[label]) === sample.labels[label],
        ),
    )
  }
}

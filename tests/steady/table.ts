/** Describes a steady run for people. */
import type { Run } from './record.ts'
import { type Finding, type Window, windowsOf } from './verdict.ts'

const head = [
  ...['window', 'resizes', 'p50 ms', 'p95 ms', 'service MB', 'Temporal MB', 'children MB, most'],
  ...['open files: service', 'Temporal', 'open workflows, most', 'SQLite MB'],
  ...['cores: service', 'Temporal', 'customers', 'others'],
]

export function tableOf(run: Run): string {
  const rows = windowsOf(run).map((window) => cells(window))
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

function cells({ name, resizes, p50, p95, processes, open, databaseMb, cores }: Window): string[] {
  const { service, temporal, children } = processes
  const busy = [cores.service, cores.temporal, cores.customers, cores.others].map((used) => used.toFixed(2))
  const whole = [
    resizes,
    p50,
    p95,
    service.rssMb,
    temporal.rssMb,
    children.rssMb,
    service.files,
    temporal.files,
  ]
  return [name, ...[...whole, open, databaseMb].map((figure) => figure.toFixed(0)), ...busy]
}

/** The load, the growth of the store, and the histories by type of workflow. */
export function factsOf({ begin, end, samples }: Run): string {
  const lines = [
    `${(begin.load * 100).toFixed(0)} % of ${Object.entries(begin.capacity)
      .map(([kind, can]) => `${can.toFixed(2)} ${kind}`)
      .join(', ')} a second`,
  ]
  if (end) {
    const [before, after] = end.storeMb
    lines.push(
      `done: ${Object.entries(end.done)
        .map(([kind, done]) => `${done} of ${end.asked[kind as keyof typeof end.asked]} ${kind}`)
        .join(
          ', ',
        )}; ${end.compared} compared, ${end.refused} refused, in ${(end.seconds / 60).toFixed(1)} min`,
      `store: ${before} MB before, ${after} MB after`,
    )
    const standing = samples.at(-1)?.standing ?? []
    for (const { type, count, events, bytes } of [...end.histories, ...standing])
      lines.push(`${type}: ${count} of at most ${events} events, ${(bytes / 1024).toFixed(1)} KiB`)
  }
  return lines.join('\n')
}

export const verdictOf = (findings: readonly Finding[]): string =>
  findings
    .map(({ what, count, told }) => `${count === 0 ? 'none' : `**${count}**`} ${what}: ${told}`)
    .join('\n')

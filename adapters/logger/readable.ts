import { styleText } from 'node:util'
import type { DestinationStream } from 'pino'

const levels: Record<number, string> = {
  10: styleText('gray', 'trace'),
  20: styleText('gray', 'debug'),
  30: styleText('green', 'info '),
  40: styleText('yellow', 'warn '),
  50: styleText('red', 'error'),
  60: styleText(['bold', 'red'], 'fatal'),
}

/** Turns JSON lines into `12:34:56 info  api: job started job=mosaic-1`, an error's stack below. */
export function readable(output: { write(text: string): unknown }): DestinationStream {
  return {
    write(line) {
      const { level, time, name, msg, ...rest } = JSON.parse(line)
      const at = new Date(time).toTimeString().slice(0, 8)
      const stacks: string[] = []
      const fields = Object.entries(rest).map(([key, value]) => {
        const stack = (value as { stack?: unknown } | null)?.stack
        if (typeof stack !== 'string') return styleText('gray', `${key}=${plain(value)}`)
        stacks.push(stack)
        return ''
      })
      const who = name === undefined ? '' : styleText('cyan', `${name}: `)
      const first = [styleText('gray', at), levels[level] ?? level, `${who}${msg ?? ''}`, ...fields]
      output.write(`${[first.filter((part) => part !== '').join(' '), ...stacks].join('\n')}\n`)
    },
  }
}

function plain(value: unknown): string {
  return typeof value === 'string' && !/[\s=]/.test(value) ? value : JSON.stringify(value)
}

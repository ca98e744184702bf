import { readdirSync, readFileSync } from 'node:fs'

/** Children of this process, as Linux tells; those that have ended and were not yet put away left out. */
export function children(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
        return Number(parent) === process.pid && state !== 'Z'
      } catch {
        return false
      }
    })
    .map(Number)
}

/** Nice value of a process's first thread: 0 is usual, 19 the most yielding. */
export const nicenessOf = (pid: number) =>
  Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[16])

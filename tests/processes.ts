/** Processes, as Linux tells of them: proc(5). */
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessStat {
  pid: number
  parent: number
  /** `Z`: it has ended, and was not yet put away. */
  state: string
  /** ms of CPU so far, its ended children's left out. In ticks of 10. */
  cpuMs: number
  /** Nice value of its first thread: 0 is usual, 19 the most yielding. */
  nice: number
}

/** @throws when there is no such process */
export function statOf(pid: number): ProcessStat {
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // A program's name stands before the rest in parentheses, and may hold some itself.
  const [state = '', parent, ...rest] = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const field = (number: number) => Number(rest[number - 5])
  return {
    ...{ pid, state, parent: Number(parent) },
    ...{ cpuMs: (field(14) + field(15)) * 10, nice: field(19) },
  }
}

/** All there are. */
export function processes(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [statOf(Number(pid))]
      } catch {
        return [] // Ended meanwhile.
      }
    })
}

/** IDs of a process's children; those that have ended left out. */
export const children = (of = process.pid): number[] =>
  processes().flatMap(({ pid, parent, state }) => (parent === of && state !== 'Z' ? [pid] : []))

/** It, its children, theirs, ... as they stand at one moment. */
export function family(of: number): ProcessStat[] {
  const all = processes()
  const from = (pid: number): ProcessStat[] =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...from(child.pid)])
  return [...all.filter(({ pid }) => pid === of), ...from(of)]
}

export const cpuMs = (pid: number): number => statOf(pid).cpuMs
export const nicenessOf = (pid: number): number => statOf(pid).nice

/** Of resident memory, peak or present, MB. */
export function memoryMb(pid: number | 'self', name: 'VmHWM' | 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024)
}

/** File descriptors that are open: files, sockets, pipes. @throws when it has ended */
export const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

/** With what it was started; empty for one that has ended. */
export const wordsOf = (pid: number): string[] => listOf(pid, 'cmdline')
/** `NAME=value`; empty for one that has ended, or that is somebody else's. */
export const environmentOf = (pid: number): string[] => listOf(pid, 'environ')

function listOf(pid: number, name: 'cmdline' | 'environ'): string[] {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8').split('\0').slice(0, -1)
  } catch {
    return []
  }
}

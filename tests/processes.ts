/** Processes on Linux: proc(5). */
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessStat {
  pid: number
  parent: number
  /** `Z`: a zombie. */
  state: string
  /** CPU so far, without ended children, ms. In ticks of 10. */
  cpuMs: number
  /** Nice value of its first thread: 0 is normal, 19 the lowest priority. */
  nice: number
}

/** @throws if there is no such process */
export function statOf(pid: number): ProcessStat {
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The program's name comes first in parentheses, and may contain some itself.
  const [state = '', parent, ...rest] = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const field = (number: number) => Number(rest[number - 5])
  return {
    ...{ pid, state, parent: Number(parent) },
    ...{ cpuMs: (field(14) + field(15)) * 10, nice: field(19) },
  }
}

/** All processes. */
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

/** PIDs of a process's running children. */
export const children = (of = process.pid): number[] =>
  processes().flatMap(({ pid, parent, state }) => (parent === of && state !== 'Z' ? [pid] : []))

/** A process and all its descendants, at one moment. */
export function family(of: number): ProcessStat[] {
  const all = processes()
  const from = (pid: number): ProcessStat[] =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...from(child.pid)])
  return [...all.filter(({ pid }) => pid === of), ...from(of)]
}

export const cpuMs = (pid: number): number => statOf(pid).cpuMs
export const nicenessOf = (pid: number): number => statOf(pid).nice

/** Resident memory, peak or current, MB. */
export function memoryMb(pid: number | 'self', name: 'VmHWM' | 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024)
}

/** Open file descriptors: files, sockets, pipes. @throws if it has ended */
export const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

/** Its command line; empty if it has ended. */
export const wordsOf = (pid: number): string[] => listOf(pid, 'cmdline')
/** `NAME=value`; empty if it has ended, or belongs to another user. */
export const environmentOf = (pid: number): string[] => listOf(pid, 'environ')

function listOf(pid: number, name: 'cmdline' | 'environ'): string[] {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8').split('\0').slice(0, -1)
  } catch {
    return []
  }
}

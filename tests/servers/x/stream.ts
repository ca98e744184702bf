/** The filtered stream and its faults: one connection, a periodic `\r\n`, a post per line. */
import type { ServerResponse } from 'node:http'
import { parseQuery } from './search-query.ts'
import { asTweet, type FakePost, includesOf, type World } from './world.ts'

export interface Rule {
  id: string
  value: string
  tag?: string
}

/**
 * `stall`: connected but silent. `cut`: the next post and the connection end in the middle of a character. `split`: the next
 * post is split in the middle of a character. `twice`: the next post is sent twice. `disorder`: the next two posts are swapped.
 * `end`: X closes the connection.
 */
export type StreamFault = 'stall' | 'cut' | 'split' | 'twice' | 'disorder' | 'end'

export class Stream {
  rules: Rule[] = []
  connects = 0
  mostAtOnce = 0
  #open = new Map<ServerResponse, ReturnType<typeof setInterval>>()
  #stalled = new Set<ServerResponse>()
  #faults: StreamFault[] = []
  #held: FakePost | undefined
  readonly #world: World
  readonly #beatMs: number

  constructor(world: World, beatMs: number) {
    this.#world = world
    this.#beatMs = beatMs
  }

  get connections(): number {
    return this.#open.size
  }

  /** False if there is a connection already: X allows one. */
  connect(response: ServerResponse): boolean {
    if (this.#open.size >= 1) return false
    this.connects++
    response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' })
    response.write('\r\n')
    const beat = setInterval(() => {
      if (!this.#stalled.has(response)) response.write('\r\n')
    }, this.#beatMs)
    this.#open.set(response, beat)
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#open.size)
    response.on('close', () => this.#forget(response))
    return true
  }

  closeAll(): void {
    for (const response of this.#open.keys()) {
      this.#forget(response)
      response.destroy()
    }
  }

  reset(): void {
    this.closeAll()
    this.#faults = []
    this.#held = undefined
    this.rules = []
  }

  fault(kind: StreamFault): void {
    if (kind === 'stall') for (const response of this.#open.keys()) this.#stalled.add(response)
    else if (kind === 'end') this.closeAll()
    else this.#faults.push(kind)
  }

  publish(post: FakePost): void {
    const matching = this.rules.filter(({ value }) => parseQuery(value)(post, this.#world))
    if (matching.length === 0) return
    for (const response of this.#open.keys())
      if (!this.#stalled.has(response)) this.#send(response, post, matching)
  }

  #send(response: ServerResponse, post: FakePost, matching: Rule[]): void {
    const bytes = Buffer.from(
      `${JSON.stringify({
        data: asTweet(post, this.#world),
        includes: includesOf([post], this.#world),
        matching_rules: matching.map(({ id, tag }) => ({ id, tag })),
      })}\r\n`,
    )
    // Splits the first multi-byte character, if there is one.
    const wide = bytes.findIndex((byte) => byte >= 0xc0)
    const middle = wide < 0 ? bytes.length >> 1 : wide + 1
    const fault = this.#faults.shift()
    if (fault === 'disorder') {
      this.#held = post
      return
    }
    if (fault === 'cut') {
      response.write(bytes.subarray(0, middle), () => response.destroy())
      return
    }
    if (fault === 'split') {
      response.write(bytes.subarray(0, middle))
      setTimeout(() => response.write(bytes.subarray(middle)), 50)
    } else {
      response.write(bytes)
      if (fault === 'twice') response.write(bytes)
    }
    const held = this.#held
    this.#held = undefined
    if (held) this.#send(response, held, matching)
  }

  #forget(response: ServerResponse): void {
    clearInterval(this.#open.get(response))
    this.#open.delete(response)
    this.#stalled.delete(response)
  }
}

/**
 * A proxy in front of an HTTP server that disturbs some requests like networks and overloaded servers do. Signatures stay valid:
 * undisturbed requests are unchanged, including `Host`.
 */
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { random } from '../engine/pictures.ts'

/**
 * `500`, `503`: such a response without effect. `slow`: carried out, seconds later. `cut request`: the server gets half of the
 * body, then the connection ends. `cut answer`: carried out, but only half of the response arrives.
 */
export const faults = ['500', '503', 'slow', 'cut request', 'cut answer'] as const
export type Fault = (typeof faults)[number]

export interface FaultProxy {
  endpoint: string
  /** Share of disturbed requests, 0..1, from now on. */
  rate: number
  /** How often each occurred. */
  readonly done: Record<Fault, number>
  stop(): Promise<void>
}

export async function startFaultProxy(options: {
  /** The real server. */
  target: string
  seed: number
  /** ms */
  slow?: number
}): Promise<FaultProxy> {
  const { hostname, port } = new URL(options.target)
  const next = random(options.seed)
  const done: Record<Fault, number> = { '500': 0, '503': 0, slow: 0, 'cut request': 0, 'cut answer': 0 }
  let rate = 0
  const server = createServer((incoming, answer) => {
    const fault = next() < rate ? faults[Math.floor(next() * faults.length)] : undefined
    if (fault) done[fault]++
    handle(incoming, answer, fault)
  })
  // Like S3: the AWS SDK keeps connections open, and notices a closed one only when it uses it.
  server.keepAliveTimeout = 5_000
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))

  function handle(incoming: IncomingMessage, answer: ServerResponse, fault: Fault | undefined): void {
    if (fault === '500' || fault === '503') {
      incoming.resume()
      const code = fault === '503' ? 'SlowDown' : 'InternalError'
      answer.writeHead(Number(fault), { 'Content-Type': 'application/xml' })
      answer.end(
        `<?xml version="1.0"?><Error><Code>${code}</Code><Message>by the fault proxy</Message></Error>`,
      )
      return
    }
    const { method, url: path, headers } = incoming
    const outgoing = ask({ hostname, port, method, path, headers })
    outgoing.once('error', () => answer.destroy())
    outgoing.once('response', (response) => {
      response.once('error', () => answer.destroy())
      answer.writeHead(response.statusCode ?? 502, response.headers)
      if (fault === 'cut answer')
        cutAfterHalf(response, answer, Number(response.headers['content-length'] ?? 0))
      else response.pipe(answer)
    })
    incoming.once('error', () => outgoing.destroy())
    if (fault === 'cut request') {
      const half = Number(headers['content-length'] ?? 0) / 2
      let seen = 0
      incoming.on('data', (piece: Buffer) => {
        seen += piece.length
        outgoing.write(piece.subarray(0, Math.max(1, Math.floor(piece.length / 2))))
        if (seen < half) return
        incoming.destroy()
        outgoing.destroy()
      })
      incoming.once('end', () => outgoing.destroy())
    } else if (fault === 'slow') setTimeout(() => incoming.pipe(outgoing), options.slow ?? 3_000)
    else incoming.pipe(outgoing)
  }

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    done,
    get rate() {
      return rate
    },
    set rate(share) {
      rate = share
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

function cutAfterHalf(response: IncomingMessage, answer: ServerResponse, length: number): void {
  let sent = 0
  response.on('data', (piece: Buffer) => {
    sent += piece.length
    // A response without a body is cut as well: its headers may be everything.
    if (sent < length / 2) answer.write(piece)
    else answer.write(piece.subarray(0, Math.floor(piece.length / 2)), () => answer.destroy())
  })
  response.once('end', () => answer.destroy())
}

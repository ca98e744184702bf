/** The HTTP server: listens at once, answers 503 until the app is ready, and shuts down within a time limit. */
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { Refusal } from './refusal.ts'

type Answer = (request: Request, env?: unknown) => Response | Promise<Response>

export interface HttpListener {
  /** As people type it, without a trailing slash. */
  url: string
  port: number
  /** Sets the handler of all requests from now on. */
  answerWith(answer: Answer): void
  /** Accepts no more connections, and closes the remaining ones after `grace` ms. */
  stop(grace: number): Promise<void>
}

/**
 * Listens before anything else is started, so that a port in use is reported at once.
 * @throws {Refusal} `port_in_use`, `port_forbidden`, `host_unknown`
 */
export async function listen({ host, port }: { host: string; port: number }): Promise<HttpListener> {
  let answer: Answer = () =>
    new Response('mosaicme is starting\n', {
      status: 503,
      headers: { 'Retry-After': '1', 'Content-Type': 'text/plain' },
    })
  const server = createAdaptorServer({ fetch: (request, env) => answer(request, env) }) as Server
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(sentence(error, host, port)))
    server.listen(port, host, resolve)
  })
  const address = server.address()
  const taken = typeof address === 'object' && address ? address.port : port
  return {
    url: `http://${namedHost(host)}:${taken}`,
    port: taken,
    answerWith(next) {
      answer = next
    },
    async stop(grace) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      // Event streams last as long as their jobs.
      const cut = setTimeout(() => server.closeAllConnections(), grace)
      await closed
      clearTimeout(cut)
    },
  }
}

function sentence(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new Refusal(
      'port_in_use',
      `Port ${port} on ${host} is already in use. Stop the program that uses it, or set PORT to another port (PORT=${port < 65535 ? port + 1 : 3000}).`,
    )
  }
  if (error.code === 'EACCES') {
    return new Refusal(
      'port_forbidden',
      `The system does not allow listening on port ${port}. Set PORT to one above 1023.`,
    )
  }
  if (error.code === 'ENOTFOUND' || error.code === 'EADDRNOTAVAIL' || error.code === 'EAI_AGAIN') {
    return new Refusal(
      'host_unknown',
      `Expected HOST to be an address of this machine, got ${host}. Set HOST to 127.0.0.1 or 0.0.0.0.`,
    )
  }
  return error
}

/** A wildcard address is for listening, not for connecting. */
function namedHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

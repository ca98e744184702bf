import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { findFailedJobs } from '../../cli/failed-jobs.ts'

it.each(['job_deleted', 'job_expired', 'job_not_found'])(
  'a failed job of which nothing is left (%s) keeps no other from being replayed',
  async (code) => {
    const completed_at = new Date().toISOString()
    const summaries = ['mosaic-gone', 'mosaic-there'].map((id) => ({ id, completed_at }))
    const server = createServer((request, response) => {
      if (request.url?.startsWith('/v1/jobs?')) response.end(JSON.stringify({ data: summaries, next: null }))
      else if (request.url?.endsWith('/mosaic-there'))
        response.end(JSON.stringify({ ...summaries[1], status: 'failed', error: { retryable: true } }))
      else response.writeHead(410).end(JSON.stringify({ code, detail: 'It is gone.' }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      const found = await findFailedJobs({ url }, { sinceMs: 60_000, limit: 10, all: false })
      expect(found.toReplay.map(({ id }) => id)).toEqual(['mosaic-there'])
    } finally {
      server.closeAllConnections()
      server.close()
    }
  },
)

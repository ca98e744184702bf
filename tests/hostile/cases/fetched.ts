/** URLs of the attacker's servers. */
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { HostileCase } from '../hostile-case.ts'

const served = (
  name: string,
  answer: (response: ServerResponse) => void,
  expected: HostileCase['expected'],
): HostileCase => ({
  name: `an address whose server ${name}`,
  expected,
  attack: (t) =>
    t.post(
      '/v1/jobs',
      { type: 'resize', width: 16, input: { url: `${t.serve(answer)}/photo.jpg` } },
      { Prefer: 'wait=50' },
    ),
})

const redirect = (location: string) => (response: ServerResponse) =>
  void response.writeHead(302, { location }).end()

export const fetched: HostileCase[] = [
  served(
    'sends without end',
    (response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        response.once('drain', more)
      }
      more()
    },
    'failed response_too_large',
  ),
  served(
    'says 10 GB',
    (response) => void response.writeHead(200, { 'content-length': 1e10 }).write('x'),
    'failed response_too_large',
  ),
  served(
    'packs 100 MB into 100 KB',
    (response) =>
      void response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(gzipSync(Buffer.alloc(1e6), { level: 1 })),
    'failed encoding_unsupported',
  ),
  served('sends a page', (response) => void response.end('<!doctype html>'), 'failed not_an_image'),
  served(
    'redirects to the cloud’s metadata',
    redirect('http://169.254.169.254/latest/meta-data/'),
    'failed address_forbidden',
  ),
  served('redirects to a file', redirect('file:///etc/passwd'), 'failed url_invalid'),
  served('redirects to itself', redirect('/again'), 'failed too_many_redirects'),
  ...['http://localhost:8080/', 'http://[::ffff:127.0.0.1]/', 'http://0x7f.1/', 'http://2130706433/'].map(
    (url): HostileCase => ({
      name: `the address ${url}`,
      expected: 'failed address_forbidden',
      attack: (t) => t.post('/v1/jobs', { type: 'resize', width: 16, input: { url } }, { Prefer: 'wait=50' }),
    }),
  ),
]

/**
 * The codec server of Temporal's tools: its Web UI and command send payloads here to have them decrypted, or encrypted. The
 * protocol is theirs: https://docs.temporal.io/production-deployment/data-encryption#codec-server-setup
 */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { Payload } from '@temporalio/common'
import { isLoopback } from '../../adapters/environment/loopback.ts'
import { PayloadError } from '../../adapters/payloads/payload-error.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { jsonBody } from '../input/form.ts'
import { limitedBody } from '../input/limited-body.ts'
import { Problem } from '../problems.ts'
import { problemResponses } from '../schemas/problem.ts'
import { rejectInvalid } from '../validation.ts'

/** As protobuf writes bytes in JSON (ProtoJSON): either alphabet, padded or not. */
const bytes = z
  .string()
  .regex(/^[\w+/-]*={0,2}$/, 'Expected base64')
  .openapi({ format: 'byte' })

const payloads = z
  .object({
    payloads: z.array(z.object({ metadata: z.record(z.string(), bytes).optional(), data: bytes.nullish() })),
  })
  .openapi('Payloads')

/** Bytes of a request: no answer of Temporal's is larger than its 4 MiB of gRPC, which base64 makes a third longer. */
const largest = 8 * 1024 * 1024

type Payloads = z.infer<typeof payloads>

const convert = <const Verb extends string>(verb: Verb, summary: string) =>
  createRoute({
    method: 'post',
    path: `/codec/${verb}`,
    tags: ['Operation'],
    summary,
    description:
      'The protocol of remote codecs, for the Temporal Web UI and `temporal --codec-endpoint`. What is not encrypted is ' +
      'decoded to itself.',
    middleware: limitedBody(largest),
    request: { body: { required: true, content: { 'application/json': { schema: payloads } } } },
    responses: {
      200: { description: 'In the same order', content: { 'application/json': { schema: payloads } } },
      ...problemResponses(400, 401, 403, 413, 415, 422),
    },
  })

export function codecRoutes({ client, environment }: Pick<ApiDependencies, 'client' | 'environment'>) {
  const [codec] = client.options.loadedDataConverter.payloadCodecs
  const { apiKeys, http, publicUrl } = environment
  // Behind a proxy strangers come by, too.
  const isPrivate = isLoopback(http.host) && (!publicUrl || isLoopback(new URL(publicUrl).hostname))
  const guarded = apiKeys.length > 0 || isPrivate
  const routes = new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
  if (!guarded)
    routes.use('/codec/*', async () => {
      throw new Problem(
        'insufficient_scope',
        'Expected API_KEYS to be set: without any, payloads are decoded on this machine alone (HOST=127.0.0.1).',
      )
    })

  return routes
    .openapi(convert('decode', 'Decrypt payloads'), async (c) => {
      const sent = fromJson(jsonBody(c, c.req.valid('json')))
      return c.json(toJson(codec ? await decode(sent) : sent), 200)
    })
    .openapi(convert('encode', 'Encrypt payloads'), async (c) => {
      const sent = fromJson(jsonBody(c, c.req.valid('json')))
      return c.json(toJson(codec ? await codec.encode(sent) : sent), 200)
    })

  async function decode(sent: Payload[]): Promise<Payload[]> {
    try {
      return (await codec?.decode(sent)) ?? sent
    } catch (error) {
      if (error instanceof PayloadError && error.code !== 'payload_key_differs')
        throw new Problem(error.code, error.message, { cause: error })
      throw error
    }
  }
}

const fromJson = ({ payloads }: Payloads): Payload[] =>
  payloads.map(({ metadata = {}, data }) => ({
    metadata: mapValues(metadata, (value) => new Uint8Array(Buffer.from(value, 'base64'))),
    data: new Uint8Array(Buffer.from(data ?? '', 'base64')),
  }))

const toJson = (payloads: readonly Payload[]): Payloads => ({
  payloads: payloads.map(({ metadata, data }) => ({
    metadata: mapValues(metadata ?? {}, base64),
    data: base64(data ?? new Uint8Array()),
  })),
})

const base64 = (value: Uint8Array) => Buffer.from(value).toString('base64')

const mapValues = <From, To>(record: Record<string, From>, map: (value: From) => To) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))

/**
 * The codec server: the Temporal Web UI and CLI send payloads here to have them decrypted or encrypted. Implements
 * https://docs.temporal.io/production-deployment/data-encryption#codec-server-setup
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

/** Bytes as ProtoJSON encodes them: either base64 alphabet, padded or not. */
const bytes = z
  .string()
  .regex(/^[\w+/-]*={0,2}$/, 'Expected base64')
  .openapi({ format: 'byte' })

const payloads = z
  .object({
    payloads: z.array(z.object({ metadata: z.record(z.string(), bytes).optional(), data: bytes.nullish() })),
  })
  .openapi('Payloads')

const [decrypt, encrypt] = ['Decrypt payloads', 'Encrypt payloads']
const linked = '/codec/link/{name}/{expires}/{signature}'

/** Maximum request size, bytes: Temporal's responses are limited to 4 MiB of gRPC, and base64 makes them a third longer. */
const largest = 8 * 1024 * 1024

type Payloads = z.infer<typeof payloads>

/** @param hide from the API's description: for the path whose URL itself grants access (`access/signed-link.ts`) */
const convert = <const Path extends string>(path: Path, summary: string, hide = false) =>
  createRoute({
    method: 'post',
    path,
    tags: ['Operation'],
    summary,
    hide,
    description:
      'The remote codec protocol, for the Temporal Web UI and `temporal --codec-endpoint`. Unencrypted payloads are returned ' +
      'unchanged.',
    middleware: limitedBody(largest),
    request: { body: { required: true, content: { 'application/json': { schema: payloads } } } },
    responses: {
      200: { description: 'In the same order', content: { 'application/json': { schema: payloads } } },
      ...problemResponses(400, 401, 403, 413, 415, 422, 429),
    },
  })

export function codecRoutes({ client, environment }: Pick<ApiDependencies, 'client' | 'environment'>) {
  const [codec] = client.options.loadedDataConverter.payloadCodecs
  const { apiKeys, http, publicUrl } = environment
  // A public URL on another host means that a proxy lets other people in.
  const isPrivate = isLoopback(http.host) && (!publicUrl || isLoopback(new URL(publicUrl).hostname))
  const guarded = apiKeys.length > 0 || isPrivate
  const routes = new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
  if (!guarded)
    routes.use('/codec/*', async () => {
      throw new Problem(
        'insufficient_scope',
        'Set API_KEYS first: without API keys, payloads are only decoded on this machine, so HOST must be 127.0.0.1 and ' +
          'PUBLIC_URL must not name another host.',
      )
    })

  return routes
    .openapi(convert('/codec/decode', decrypt), async (c) =>
      c.json(await decoded(jsonBody(c, c.req.valid('json'))), 200),
    )
    .openapi(convert('/codec/encode', encrypt), async (c) =>
      c.json(await encoded(jsonBody(c, c.req.valid('json'))), 200),
    )
    .openapi(convert(`${linked}/decode`, decrypt, true), async (c) =>
      c.json(await decoded(jsonBody(c, c.req.valid('json'))), 200),
    )
    .openapi(convert(`${linked}/encode`, encrypt, true), async (c) =>
      c.json(await encoded(jsonBody(c, c.req.valid('json'))), 200),
    )

  async function decoded(request: Payloads): Promise<Payloads> {
    const sent = fromJson(request)
    return toJson(codec ? await decode(sent) : sent)
  }

  async function encoded(request: Payloads): Promise<Payloads> {
    const sent = fromJson(request)
    return toJson(codec ? await codec.encode(sent) : sent)
  }

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

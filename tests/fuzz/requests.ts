/** Generates requests to every route of `/openapi.json` from its schemas. */
import fc from 'fast-check'
import { type Components, fromSchema, junk, type Schema, text } from './from-schema.ts'

interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  schema: Schema
}

interface Operation {
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { schema: Schema }> }
}

export interface Contract {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Components }
}

export interface FuzzedRequest {
  route: string
  path: string
  method: string
  headers: Record<string, string>
  body?: string | undefined
  /** base64. */
  bytes?: string | undefined
  /** Sent as `multipart/form-data`. */
  parts?: [name: string, value: string, file: boolean][] | undefined
}

/** Excluded, since they would only wait for events. */
const waits = /\bwait\s*=/i
const headerText = text.map((value) =>
  value
    .replace(/[^\x20-\x7e]/g, '')
    .slice(0, 300)
    .trim(),
)

const jobIds = fc.oneof(
  fc
    .tuple(fc.constantFrom('mosaic', 'resize', 'tiles', 'bulk'), fc.stringMatching(/^[a-z0-9]{1,26}$/))
    .map(([type, id]) => `${type}-${id}`),
  text,
)
const files = fc.oneof(
  fc.constantFrom('large.jpg', 'small.jpg', 'mosaic.dzi', 'plan.json', 'first.webp', '0000000.jpg'),
  fc
    .tuple(fc.integer(), fc.integer(), fc.integer())
    .map((at) => `mosaic_files/${at[0]}/${at[1]}_${at[2]}.jpg`),
  text,
)

function pathOf(path: string): fc.Arbitrary<string> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
  const values = names.map((name) => (name === 'id' ? jobIds : name === 'name' ? files : text))
  return fc.tuple(fc.tuple(...values), fc.boolean()).map(([chosen, raw]) =>
    names.reduce((so, name, at) => {
      const value = String(chosen[at]).toWellFormed()
      // Encoded or not, like careful and careless clients do.
      return so.replace(`{${name}}`, () =>
        raw && !/[?#\s\\]/.test(value) ? value : encodeURIComponent(value),
      )
    }, path),
  )
}

const queryOf = (parameters: Parameter[], components: Components) =>
  fc
    .tuple(
      fc.record(
        Object.fromEntries(parameters.map(({ name, schema }) => [name, fromSchema(schema, components)])),
        { requiredKeys: [] },
      ),
      fc.oneof(
        { weight: 10, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: fc.dictionary(text, text, { maxKeys: 2 }) },
      ),
    )
    .map(([known, unknown]) => {
      const all = Object.entries({ ...known, ...unknown })
      const query = all
        .map(
          ([name, value]) =>
            `${escaped(name)}=${escaped(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))}`,
        )
        .join('&')
      return query === '' ? '' : `?${query}`
    })
const escaped = (value: string) => encodeURIComponent(value.toWellFormed())

const commonHeaders = fc.record(
  {
    Prefer: headerText.filter((value) => !waits.test(value)),
    'Idempotency-Key': headerText,
    Accept: fc.oneof(fc.constantFrom('image/avif', 'text/html', '*/*', 'image/webp;q=0'), headerText),
    Range: fc.oneof(
      fc.tuple(fc.integer(), fc.integer()).map(([from, to]) => `bytes=${from}-${to}`),
      headerText,
    ),
    'If-None-Match': headerText,
    'Last-Event-ID': headerText,
    Origin: fc.constantFrom('null', 'http://localhost', 'https://evil.example', 'http://'),
  },
  { requiredKeys: [] },
)

const types = fc.oneof(
  { weight: 12, arbitrary: fc.constant('application/json') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'a/b; c',
      '',
    ),
  },
)

function bodyOf({ requestBody }: Operation, components: Components, image: string) {
  const json = requestBody?.content['application/json']?.schema
  const form = requestBody?.content['multipart/form-data']?.schema
  // A valid picture, or anything.
  if (!json)
    return fc
      .tuple(types, fc.oneof(fc.constant({ image: true as const }), text))
      .map(([type, body]) =>
        typeof body === 'string'
          ? { type, body, parts: undefined }
          : { type: 'image/jpeg', body: undefined, parts: undefined, bytes: image },
      )
  const values = fromSchema(json, components).map((value) => {
    // A valid picture often enough to reach the checks of other parts.
    const input = (value as { input?: { base64?: unknown } } | null)?.input
    if (typeof input === 'object' && input !== null && 'base64' in input)
      return { ...(value as object), input: { base64: image } }
    return value
  })
  const whole = values.map((value) => JSON.stringify(value) ?? '')
  const broken = fc.tuple(whole, fc.nat(), text).map(([body, at, more]) => {
    const cut = at % (body.length + 1)
    return body.slice(0, cut) + more + body.slice(cut + (at % 3))
  })
  const asJson = fc
    .tuple(types, fc.oneof({ weight: 6, arbitrary: whole }, { weight: 1, arbitrary: broken }))
    .map(([type, body]) => ({ type, body, parts: undefined }))
  if (!form) return asJson
  const job = fromSchema(form.properties?.job ?? {}, components).map((value) => JSON.stringify(value) ?? '')
  const parts = fc
    .tuple(
      job,
      fc.array(
        fc.tuple(
          fc.constantFrom('image', 'image', 'zip', 'job', 'other'),
          fc.oneof(fc.constant(image), text),
          fc.boolean(),
        ),
        { maxLength: 3 },
      ),
    )
    .map(([order, more]) => ({
      type: '',
      body: undefined,
      parts: [['job', order, false], ...more] as [string, string, boolean][],
    }))
  return fc.oneof({ weight: 4, arbitrary: asJson }, { weight: 1, arbitrary: parts })
}

/** @param image a picture in base64 */
export function requestsOf(contract: Contract, image: string): fc.Arbitrary<FuzzedRequest> {
  const components = contract.components.schemas
  const routes = Object.entries(contract.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => {
      const query = (operation.parameters ?? []).filter((one) => one.in === 'query')
      const takesBody = method === 'post' || method === 'put'
      const made = fc
        .tuple(
          pathOf(path),
          queryOf(query, components),
          commonHeaders,
          takesBody ? bodyOf(operation, components, image) : fc.constant(undefined),
        )
        .map(
          ([to, search, headers, body]): FuzzedRequest => ({
            route: `${method.toUpperCase()} ${path}`,
            path: to + search,
            method: method.toUpperCase(),
            headers: {
              ...(headers as Record<string, string>),
              ...(body?.type && { 'Content-Type': body.type }),
            },
            body: body?.body,
            bytes: body && 'bytes' in body ? body.bytes : undefined,
            parts: body?.parts,
          }),
        )
      // Most errors are in bodies.
      return { weight: takesBody && operation.requestBody ? 6 : 1, arbitrary: made }
    }),
  )
  const elsewhere = fc
    .tuple(
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
      fc.array(text, { maxLength: 4 }),
      commonHeaders,
      text,
    )
    .map(
      ([method, segments, headers, body]): FuzzedRequest => ({
        route: 'any address',
        path: `/${segments.map(escaped).join('/')}`,
        method,
        headers: headers as Record<string, string>,
        body: method === 'GET' ? undefined : body,
      }),
    )
  const legacy = fc
    .record({ image: fc.oneof(fc.constant(image), junk), width: junk, height: junk }, { requiredKeys: [] })
    .map(
      (body): FuzzedRequest => ({
        route: 'POST /api/',
        path: '/api/',
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    )
  return fc.oneof(...routes, { weight: 2, arbitrary: elsewhere }, { weight: 3, arbitrary: legacy })
}

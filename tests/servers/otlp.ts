/** An OTLP/HTTP collector that accepts everything and returns the received spans. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface ReceivedSpan {
  name: string
  traceId: string
  spanId: string
  parentSpanId?: string
  attributes: Record<string, unknown>
  /** `service.name` of the sender. */
  service: string
}

export interface OtlpCollector {
  endpoint: string
  spans: ReceivedSpan[]
  /** Requested paths, such as `/v1/metrics`. */
  paths: Set<string>
  stop(): Promise<void>
}

interface Attribute {
  key: string
  value: Record<string, unknown>
}

/** https://opentelemetry.io/docs/specs/otlp/#otlphttp: protobuf or JSON; only JSON is parsed. */
export async function startOtlpCollector(): Promise<OtlpCollector> {
  const spans: ReceivedSpan[] = []
  const paths = new Set<string>()
  const server = createServer(async (request, answer) => {
    const body = await buffer(request)
    paths.add(request.url ?? '')
    const json = request.headers['content-type'] === 'application/json'
    if (json && request.url === '/v1/traces') spans.push(...spansOf(JSON.parse(body.toString())))
    answer.writeHead(200, { 'Content-Type': request.headers['content-type'] ?? '' })
    answer.end(json ? '{}' : '')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    paths,
    async stop() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

interface TraceRequest {
  resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: { spans: (Omit<ReceivedSpan, 'attributes' | 'service'> & { attributes: Attribute[] })[] }[]
  }[]
}

function spansOf({ resourceSpans }: TraceRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, traceId, spanId, parentSpanId, attributes }) => ({
        ...{ name, traceId, spanId, ...(parentSpanId && { parentSpanId }) },
        attributes: plain(attributes),
        service: String(plain(resource.attributes)['service.name']),
      })),
    ),
  )
}

const plain = (attributes: Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

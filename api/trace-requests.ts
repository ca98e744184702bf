/** A span per request, in the caller's trace if the request names one (W3C Trace Context). No-op unless traces are exported. */
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { createMiddleware } from 'hono/factory'
import { withoutSignature } from './access/signed-link.ts'
import { routeOf } from './http/route-of.ts'

export const traceRequests = createMiddleware(async (c, next) => {
  const tracer = trace.getTracer('mosaicme-api')
  const asked = { traceparent: c.req.header('traceparent'), tracestate: c.req.header('tracestate') }
  const parent = propagation.extract(context.active(), asked)
  const attributes = { 'http.request.method': c.req.method, 'url.path': withoutSignature(c.req.path) }
  await tracer.startActiveSpan(c.req.method, { kind: SpanKind.SERVER, attributes }, parent, async (span) => {
    try {
      await next()
    } finally {
      const route = routeOf(c)
      span.updateName(`${c.req.method} ${route}`)
      span.setAttributes({ 'http.route': route, 'http.response.status_code': c.res.status })
      if (c.res.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    }
  })
})

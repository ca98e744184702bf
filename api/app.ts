/** The HTTP API: all routes, and the middleware they share. */
import { randomUUID } from 'node:crypto'
import { OpenAPIHono } from '@hono/zod-openapi'
import { withLogFields } from '../adapters/logger/log-fields.ts'
import { authentication, sameSiteWrites } from './access/authentication.ts'
import { codecCrossOrigin, codecOrigins, crossOrigin } from './access/cross-origin.ts'
import { keyBodyLimit } from './access/key-limits.ts'
import { knownHost } from './access/known-host.ts'
import { ownLibrariesOnly } from './access/own-libraries.ts'
import { ownJobsOnly } from './access/ownership.ts'
import type { ApiDependencies, ApiEnv } from './dependencies.ts'
import { docsRoutes } from './docs/routes.tsx'
import { plainHtmlType } from './http/html-type.ts'
import { securityHeaders } from './http/security-headers.ts'
import { createPictureMaker } from './img/make-picture.ts'
import { bodiesInHand } from './input/bodies-in-hand.ts'
import { shortBodies } from './input/limited-body.ts'
import { createOpenJobs } from './jobs/open-jobs.ts'
import { methodNotAllowed } from './method-not-allowed.ts'
import { createMetrics } from './metrics.ts'
import { type ApiDocument, describeApi } from './openapi.ts'
import { notFoundHandler, problemHandler } from './problem-handler.ts'
import { bulkRoutes } from './routes/bulk.ts'
import { codecRoutes } from './routes/codec.ts'
import { codecLinkRoutes } from './routes/codec-links.ts'
import { collectorRoutes } from './routes/collectors.ts'
import { deletionRoutes } from './routes/deletions.ts'
import { editRoutes } from './routes/edits.ts'
import { galleryRoutes } from './routes/gallery.ts'
import { healthRoutes } from './routes/health.ts'
import { imgRoutes } from './routes/img.ts'
import { inboxRoutes } from './routes/inboxes.ts'
import { jobEventRoutes } from './routes/job-events.ts'
import { jobPreviewRoutes } from './routes/job-preview.ts'
import { jobResultRoutes } from './routes/job-result.ts'
import { jobStepRoutes } from './routes/job-steps.ts'
import { jobRoutes } from './routes/jobs.ts'
import { legacyRoutes } from './routes/legacy.ts'
import { linkRoutes } from './routes/links.ts'
import { listenerRoutes } from './routes/listeners.ts'
import { moderationRoutes } from './routes/moderation.ts'
import { previewRoutes } from './routes/previews.ts'
import { printRoutes } from './routes/prints.ts'
import { queueRoutes } from './routes/queues.ts'
import { runnersUpRoutes } from './routes/runners-up.ts'
import { spendingRoutes } from './routes/spending.ts'
import { tileAuthorRoutes } from './routes/tile-authors.ts'
import { tileLibraryRoutes } from './routes/tile-libraries.ts'
import { tilePictureRoutes } from './routes/tile-pictures.ts'
import { tileRoutes } from './routes/tiles.ts'
import { uploadRoutes } from './routes/uploads.ts'
import { traceRequests } from './trace-requests.ts'
import { rejectInvalid } from './validation.ts'

export type { ApiDependencies } from './dependencies.ts'

/**
 * Creates the app. Opens no connection and does not listen.
 *
 * @example
 * const app = createApp({ client, store, cache, environment, logger, listLibraries: () => listLibraries({ store }) })
 * serve({ fetch: app.fetch, hostname: environment.http.host, port: environment.http.port })
 */
export function createApp(deps: ApiDependencies) {
  const metrics = createMetrics(deps)
  const desk = { metrics, openJobs: createOpenJobs(deps) }
  metrics.openJobs(desk.openJobs)
  const pictures = createPictureMaker(deps)

  const app = new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
  app.onError(problemHandler(deps.logger))
  app.notFound(notFoundHandler)
  app.use(metrics.middleware)
  app.use(traceRequests)
  app.use(async (c, next) => {
    const requestId = randomUUID()
    c.set('requestId', requestId)
    await withLogFields({ requestId }, next)
    // Not `c.header`: once there is a response, that copies it and turns its bytes into a stream.
    c.res.headers.set('X-Request-Id', requestId)
  })
  app.use(knownHost(deps.environment))
  app.use(securityHeaders(/^https:/.test(deps.environment.publicUrl ?? '')))
  app.use(plainHtmlType)
  const authenticate = authentication(deps)
  const { corsOrigins } = deps.environment
  for (const path of ['/v1/*', '/api/*']) {
    app.use(path, crossOrigin(corsOrigins), sameSiteWrites(corsOrigins), authenticate)
  }
  // Other origins than those of the rest of the API: only the Temporal Web UI.
  const uiOrigins = codecOrigins(deps.temporalUiUrl)
  app.use('/codec/*', codecCrossOrigin(uiOrigins), sameSiteWrites(uiOrigins), authenticate)
  // Everywhere: pages take forms in, too.
  app.use(bodiesInHand(deps.environment.limits.bytesInHand))
  for (const path of ['/v1/*', '/api/*', '/codec/*']) app.use(path, keyBodyLimit)
  for (const path of ['/v1/*', '/codec/*']) app.use(path, shortBodies(deps))
  for (const path of ['/v1/jobs/:id', '/v1/jobs/:id/*']) app.use(path, ownJobsOnly(deps))
  for (const path of ['/v1/tiles/:library', '/v1/tiles/:library/*']) app.use(path, ownLibrariesOnly)

  const routes = app
    .route('/', jobRoutes(deps, desk))
    .route('/', editRoutes(deps, desk))
    .route('/', runnersUpRoutes(deps))
    .route('/', jobResultRoutes(deps))
    .route('/', jobPreviewRoutes(deps))
    .route('/', jobEventRoutes(deps))
    .route('/', jobStepRoutes(deps))
    .route('/', uploadRoutes(deps))
    .route('/', linkRoutes(deps))
    .route('/', previewRoutes(deps))
    .route('/', bulkRoutes(deps, desk))
    .route('/', tileRoutes(deps, desk))
    .route('/', tileLibraryRoutes(deps))
    .route('/', tileAuthorRoutes(deps, desk))
    .route('/', tilePictureRoutes(deps))
    .route('/', printRoutes(deps))
    .route('/', galleryRoutes(deps))
    .route('/', listenerRoutes(deps))
    .route('/', collectorRoutes(deps))
    .route('/', spendingRoutes(deps, desk))
    .route('/', deletionRoutes(deps))
    .route('/', moderationRoutes(deps))
    .route('/', queueRoutes(deps))
    .route('/', inboxRoutes(deps))
    .route('/', codecRoutes(deps))
    .route('/', codecLinkRoutes(deps))
    .route('/', healthRoutes(deps, { ...desk, pictures }))

  // Not part of the typed client or of the OpenAPI document: new clients should use /v1.
  app.route('/', legacyRoutes(deps, desk))
  app.route('/', imgRoutes(deps, { metrics, pictures }))

  // Of a hundred schemas: made when somebody asks for it.
  let document: ApiDocument | undefined
  const described = () => {
    document ??= describeApi(app)
    return document
  }
  app.get('/openapi.json', (c) => c.json(described()))
  app.route('/docs', docsRoutes(described))
  if (deps.pages) app.route('/', deps.pages)
  methodNotAllowed(app)
  return routes
}

/** The type for `hc<AppType>()`: see `client.ts`. */
export type AppType = ReturnType<typeof createApp>

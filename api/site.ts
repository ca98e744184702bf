import type { Context } from 'hono'
import type { ApiDependencies } from './dependencies.ts'
import type { JobLinks } from './jobs/job-links.ts'

/** The site's URL for links: the configured one, otherwise the one that the request was sent to. */
export const siteOf = ({ environment }: Pick<ApiDependencies, 'environment'>, c: Context) =>
  environment.publicUrl ?? new URL(c.req.url).origin

export function linksFor(deps: ApiDependencies, site: string): JobLinks {
  const { temporalUiUrl, client } = deps
  if (temporalUiUrl === undefined) return { site }
  const workflows = `${temporalUiUrl.replace(/\/$/, '')}/namespaces/${client.options.namespace}/workflows`
  return { site, temporal: (id, runId) => `${workflows}/${id}/${runId}/history` }
}

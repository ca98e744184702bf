/** URLs in a job's JSON. */
export interface JobLinks {
  /** The site's URL without a trailing slash. */
  site: string
  /** The Temporal Web UI's page about a run. */
  temporal?: (id: string, runId: string) => string
}

export const jobUrl = ({ site }: JobLinks, id: string) => `${site}/v1/jobs/${id}`
export const fileUrl = (links: JobLinks, id: string, name: string) => `${jobUrl(links, id)}/files/${name}`

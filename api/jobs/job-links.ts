/** Addresses that a job's JSON tells. */
export interface JobLinks {
  /** The site's own address without a final slash. */
  site: string
  /** Of the Temporal Web UI's page about one run. */
  temporal?: (id: string, runId: string) => string
}

export const jobUrl = ({ site }: JobLinks, id: string) => `${site}/v1/jobs/${id}`
export const fileUrl = (links: JobLinks, id: string, name: string) => `${jobUrl(links, id)}/files/${name}`

/** The ID of the job that a workflow belongs to: parts of bulk jobs, webhooks and replies run in workflows of their own. */
export const jobOfWorkflow = (workflowId: string): string =>
  /^(?:part-\d+-\d+-of-|publish-)(.+)$/.exec(workflowId)?.[1] ??
  /^webhook-(.+)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.exec(workflowId)?.[1] ??
  workflowId

/** The bundle that `npm test` has just built of the sources. Without it each process makes its own, in seconds. */
export const builtWorkflows = process.env.MOSAICME_BUILT_WORKFLOWS
  ? { codePath: process.env.MOSAICME_BUILT_WORKFLOWS }
  : undefined

/** The workflows as a worker loads them: the bundle that came with the build, else one made on the spot from the sources. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { WorkflowBundleOption } from '@temporalio/worker'
import { bundleWorkflows } from './build-bundle.ts'

/** Beside this file in `dist/`; there is none beside the sources. */
export const prebuiltBundle = fileURLToPath(new URL('./workflows.bundle.js', import.meta.url))

let made: Promise<WorkflowBundleOption> | undefined

export async function workflowCode(): Promise<WorkflowBundleOption> {
  if (existsSync(prebuiltBundle)) return { codePath: prebuiltBundle }
  made ??= bundleWorkflows()
  return await made
}

/** The workflow code for workers: the bundle from the build or, if there is none, one made from the sources. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { WorkflowBundleOption } from '@temporalio/worker'
import { bundleWorkflows } from './build-bundle.ts'

/** Next to this file in `dist/`, but not among the sources. */
const prebuilt = {
  plain: fileURLToPath(new URL('./workflows.bundle.js', import.meta.url)),
  traced: fileURLToPath(new URL('./workflows.traced.bundle.js', import.meta.url)),
}

const made: Partial<Record<keyof typeof prebuilt, Promise<WorkflowBundleOption>>> = {}

export async function workflowCode({ traced = false } = {}): Promise<WorkflowBundleOption> {
  const kind = traced ? 'traced' : 'plain'
  if (existsSync(prebuilt[kind])) return { codePath: prebuilt[kind] }
  made[kind] ??= bundleWorkflows({ traced })
  return await made[kind]
}

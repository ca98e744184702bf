/** Bundles the workflows into the one script that runs in their sandbox. Part of the build: it takes seconds. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode } from '@temporalio/worker'

export async function bundleWorkflows(): Promise<{ code: string }> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const workflowsPath = fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url))
  // Webpack's report is no news; what goes wrong is thrown.
  const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
  return await bundleWorkflowCode({ workflowsPath, logger: quiet })
}

export async function buildWorkflowBundle(file: string): Promise<void> {
  const { code } = await bundleWorkflows()
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, code)
}

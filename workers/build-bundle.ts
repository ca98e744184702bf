/** Bundles the workflows into the script that runs in the sandbox. Done in the build, because it takes seconds. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode } from '@temporalio/worker'

/** @param options.traced include OpenTelemetry (0.7 MB), which creates spans for workflows */
export async function bundleWorkflows({ traced = false } = {}): Promise<{ code: string }> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const workflowsPath = fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url))
  // Webpack's report is not needed: errors are thrown.
  const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
  return await bundleWorkflowCode({
    workflowsPath,
    failureConverterPath: fileURLToPath(
      new URL(`../workflows/encoded-failures.${extension}`, import.meta.url),
    ),
    logger: quiet,
    workflowInterceptorModules: traced ? [spanMaker] : [],
  })
}

const spanMaker = fileURLToPath(
  import.meta.resolve('@temporalio/interceptors-opentelemetry/lib/workflow-interceptors'),
)

export async function buildWorkflowBundle(file: string, options?: { traced: boolean }): Promise<void> {
  const { code } = await bundleWorkflows(options)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, code)
}

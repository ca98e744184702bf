/** Starts servers shared by all suites, once per run, and stops them. */
import type { TestProject } from 'vitest/node'
import { cacheFolder } from '../../cli/package-root.ts'
import { findTemporal } from '../../cli/temporal/binary.ts'
import { startTemporalServer } from '../../cli/temporal/server.ts'
import { lastingNamespaces, testNamespaces } from '../servers/temporal.ts'
import { bundlePrograms } from './programs.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port` of the run's Temporal server. */
    temporalAddress: string
    temporalUiUrl: string
  }
}

/** Go's collector runs whenever the heap has doubled: a quarter as often in the servers of this run, which end with it. */
process.env.GOGC ??= '400'

export default async function setup(project: TestProject) {
  const binary = await findTemporal({ cacheDir: cacheFolder(), say: console.error })
  const [server, forgetPrograms] = await Promise.all([
    startTemporalServer({ binary: binary.path, namespaces: [...testNamespaces, ...lastingNamespaces] }),
    bundlePrograms(),
  ])
  project.provide('temporalAddress', server.address)
  project.provide('temporalUiUrl', server.uiUrl)
  return async () => {
    await server.stop()
    await forgetPrograms()
  }
}

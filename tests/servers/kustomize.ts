/** Renders the manifests of deploy/ with kustomize. */
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { cacheFolder } from '../../cli/package-root.ts'
import { firstProgram, run } from './spawned.ts'

const module = 'sigs.k8s.io/kustomize/kustomize/v5@v5.7.1'

/** On PATH, in Go's folder or in the cache folder; otherwise built there once, in about a minute. */
export async function findKustomize(say: (line: string) => void = console.error): Promise<string> {
  const cached = join(cacheFolder(), 'kustomize')
  const found = await firstProgram(['kustomize', join(homedir(), 'go', 'bin', 'kustomize'), cached])
  if (found !== undefined) return found
  if ((await firstProgram(['go'])) === undefined)
    throw new Error(`expected kustomize on PATH, or Go to build it: go install ${module}`)
  say(`Building kustomize for the tests of deploy/ (go install ${module}); about a minute, once.`)
  await mkdir(dirname(cached), { recursive: true })
  const building = await mkdtemp(join(dirname(cached), 'kustomize-build-'))
  try {
    const env = { ...process.env, GOBIN: building }
    await run('go', ['install', module], { env, maxBuffer: 64 * 1024 * 1024 })
    await rename(join(building, 'kustomize'), cached)
  } finally {
    await rm(building, { recursive: true, force: true })
  }
  return cached
}

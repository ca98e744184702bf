/** Validates manifests against the schemas of Kubernetes and KEDA: types, missing fields, unknown fields. */
import { createRequire } from 'node:module'

export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; labels?: Record<string, string> }
}

const require = createRequire(import.meta.url)

type Model = new (manifest: object) => { validate(): void }

/** A message for each fault. */
export function offencesOf(manifest: Manifest): string[] {
  const { apiVersion, kind } = manifest
  const from = apiVersion.startsWith('keda.sh/') ? '@kubernetes-models/keda' : 'kubernetes-models'
  const model = (require(`${from}/${apiVersion}`) as Record<string, Model | undefined>)[kind]
  if (!model) return [`${apiVersion} ${kind}: there is no such kind`]
  const read = new Set<string>()
  try {
    model.prototype.validate.call(watched(manifest, '', read))
  } catch (error) {
    return [`${kind} ${manifest.metadata.name}: ${(error as Error).message}`]
  }
  return unread(manifest, '', read).map((path) => `${kind} ${manifest.metadata.name}: unknown field ${path}`)
}

/**
 * The compiled schemas let unknown fields pass, but read all known ones. So a field that was not read is an unknown one.
 */
function watched<T extends object>(value: T, path: string, read: Set<string>): T {
  return new Proxy(value, {
    get(target, key) {
      const inner = Reflect.get(target, key)
      if (typeof key !== 'string') return inner
      const at = `${path}/${key}`
      read.add(at)
      return typeof inner === 'object' && inner !== null ? watched(inner, at, read) : inner
    },
  })
}

function unread(value: unknown, path: string, read: Set<string>): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = `${path}/${key}`
    return read.has(at) ? unread(inner, at, read) : [at]
  })
}

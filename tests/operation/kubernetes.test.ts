/** The manifests in deploy/kubernetes as rendered by kustomize. They have never run in a cluster: this is all that is tested. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { temporalNames } from '../../adapters/environment/temporal.ts'
import { variables } from '../../adapters/environment/variables.ts'
import { loadEnvironment } from '../../adapters/environment.ts'
import { taskQueueKinds } from '../../api/task-queue-kinds.ts'
import { readQueues } from '../../cli/read-queues.ts'
import { drainGrace } from '../../cli/work.ts'
import { allTaskQueues } from '../../workflows/contract/task-queues.ts'
import { findKustomize } from '../servers/kustomize.ts'
import { run } from '../servers/spawned.ts'
import { type Manifest, offencesOf } from './kubernetes-schema.ts'

interface Container {
  image: string
  args: string[]
  env: { name: string; value: string }[]
  envFrom: { configMapRef?: { name: string }; secretRef?: { name: string } }[]
  securityContext: unknown
  volumeMounts: { name: string; mountPath: string }[]
  livenessProbe: unknown
  readinessProbe: unknown
  startupProbe: unknown
  resources: { limits: Record<string, string> }
}
interface Workload extends Manifest {
  spec: {
    selector: { matchLabels: Record<string, string> }
    template: {
      metadata: { labels: Record<string, string> }
      spec: {
        terminationGracePeriodSeconds: number
        securityContext: unknown
        automountServiceAccountToken: boolean
        containers: [Container]
        volumes: { name: string; emptyDir?: object }[]
      }
    }
  }
}
interface Scaled extends Manifest {
  spec: {
    scaleTargetRef: { name: string }
    minReplicaCount: number
    maxReplicaCount: number
    triggers: [{ type: string; metadata: Record<string, string>; authenticationRef?: { name: string } }]
  }
}
type WithSelector = Manifest & { spec: { selector: { matchLabels: Record<string, string> } } }

const root = resolve(import.meta.dirname, '../..')

describe.each(['self-hosted', 'temporal-cloud'])('%s', (overlay) => {
  let all: Manifest[]
  beforeAll(async () => {
    all = await render(overlay)
  })
  const ofKind = <T extends Manifest>(kind: string) => all.filter((one) => one.kind === kind) as T[]
  const workers = () => ofKind<Workload>('Deployment').filter(({ metadata }) => metadata.name !== 'api')

  it('matches the schemas of Kubernetes and KEDA, without unknown fields', () => {
    expect(all.length).toBeGreaterThan(35)
    expect(all.flatMap(offencesOf)).toEqual([])
    const [worker] = structuredClone(workers())
    Object.assign(worker!.spec.template.spec.containers[0], { imagePullPolice: 'Always' })
    expect(offencesOf(worker!)).toEqual([
      expect.stringContaining('unknown field /spec/template/spec/containers/0/imagePullPolice'),
    ])
    Object.assign(worker!.spec.template.spec, { terminationGracePeriodSeconds: 'long' })
    expect(offencesOf(worker!)).toEqual([
      expect.stringContaining('terminationGracePeriodSeconds must be integer'),
    ])
  })

  it('has a consistent deployment, scaler and disruption budget for each task queue', () => {
    expect(
      workers()
        .map(({ metadata }) => metadata.name)
        .sort(),
    ).toEqual(allTaskQueues.map((queue) => `worker-${queue}`).sort())
    for (const { metadata, spec } of workers()) {
      const { args } = spec.template.spec.containers[0]
      expect(args.slice(0, 2)).toEqual(['worker', '--queues'])
      const [queue, ...more] = readQueues(args[2] ?? '')
      expect([`worker-${queue}`, more]).toEqual([metadata.name, []])

      const scaled = ofKind<Scaled>('ScaledObject').filter(
        (one) => one.spec.scaleTargetRef.name === metadata.name,
      )
      const kinds = taskQueueKinds.filter((one) => one.queue === queue).map(({ kind }) => kind)
      expect(scaled.map((one) => one.spec.triggers[0])).toEqual([
        expect.objectContaining({
          type: 'temporal',
          metadata: expect.objectContaining({ taskQueue: queue, queueTypes: kinds.join(',') }),
        }),
      ])
      expect(scaled[0]?.spec.maxReplicaCount).toBeGreaterThan(scaled[0]!.spec.minReplicaCount)
      expect(scaled[0]?.spec.minReplicaCount).toBeGreaterThan(0)
      const labels = spec.template.metadata.labels
      expect(labels).toMatchObject(spec.selector.matchLabels)
      const budgets = ofKind<WithSelector>('PodDisruptionBudget').filter(({ spec }) =>
        selects(spec.selector, labels),
      )
      expect(budgets.map((one) => one.metadata.name)).toEqual([metadata.name])
    }
  })

  it('scales on the workers’ own Temporal', () => {
    const [config] = ofKind<Manifest & { data: Record<string, string> }>('ConfigMap')
    for (const { spec } of ofKind<Scaled>('ScaledObject')) {
      const { metadata, authenticationRef } = spec.triggers[0]
      expect(metadata.endpoint).toBe(config?.data.TEMPORAL_ADDRESS)
      expect(metadata.namespace).toBe(config?.data.TEMPORAL_NAMESPACE)
      const authentications = ofKind('TriggerAuthentication').map((one) => one.metadata.name)
      expect(authenticationRef ? [authenticationRef.name] : []).toEqual(authentications)
    }
  })

  it('sets only variables that are read, to values that are accepted', () => {
    const configs = ofKind<Manifest & { data: Record<string, string> }>('ConfigMap')
    const secrets: Record<string, Record<string, string>> = {
      mosaicme: {
        AWS_ACCESS_KEY_ID: 'key',
        AWS_SECRET_ACCESS_KEY: 'secret',
        REDIS_URL: 'redis://redis:6379/0',
      },
      'mosaicme-site': { API_KEYS: 'a-key-of-16-letters' },
    }
    for (const { metadata, spec } of ofKind<Workload>('Deployment')) {
      const [{ env, envFrom }] = spec.template.spec.containers
      const set = Object.fromEntries(env.map(({ name, value }) => [name, value]))
      for (const { configMapRef, secretRef } of envFrom) {
        if (configMapRef)
          Object.assign(set, configs.find((one) => one.metadata.name === configMapRef.name)!.data)
        if (secretRef) Object.assign(set, secrets[secretRef.name]!)
      }
      const known = [
        ...Object.keys(variables),
        ...temporalNames,
        'AWS_ACCESS_KEY_ID',
        'AWS_SECRET_ACCESS_KEY',
      ]
      expect(
        Object.keys(set).filter((name) => !known.includes(name)),
        metadata.name,
      ).toEqual([])
      expect(loadEnvironment(set).temporal, metadata.name).toMatchObject({ managed: false })
      // Only the API has the callers' keys.
      expect('API_KEYS' in set).toBe(metadata.name === 'api')
    }
  })

  it('lets running steps finish', () => {
    // Beyond the grace: 7 s until a worker is abandoned, then three connections with 5 s each.
    const longest = drainGrace / 1000 + 7 + 15
    for (const { spec } of workers())
      expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(longest)
  })

  it('runs without privileges on a read-only root, with volumes where the image writes', () => {
    const image = readFileSync(resolve(root, 'Dockerfile'), 'utf8')
    expect(image).toMatch(/DATA_DIR=\/data/)
    expect(image).toMatch(/^USER 1000$/m)
    for (const { metadata, spec } of ofKind<Workload>('Deployment')) {
      const pod = spec.template.spec
      expect(pod.securityContext, metadata.name).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 })
      expect(pod.automountServiceAccountToken).toBe(false)
      const [container] = pod.containers
      expect(container.securityContext).toEqual({
        ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      })
      expect(container.volumeMounts.map(({ mountPath }) => mountPath).sort()).toEqual(['/data', '/tmp'])
      for (const { name } of container.volumeMounts)
        expect(pod.volumes.find((volume) => volume.name === name)?.emptyDir).toBeDefined()
      expect(container.resources.limits.memory).toMatch(/^\d+(Mi|Gi)$/)
      for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe])
        expect(probe, metadata.name).toBeDefined()
      expect(container.image).toMatch(/:\d+\.\d+\.\d+$/)
    }
  })

  it('has services and network policies that match their pods', () => {
    const pods = ofKind<Workload>('Deployment').map(
      ({ metadata, spec }) => [metadata.name, spec.template.metadata.labels] as const,
    )
    const selectedBy = (selector: { matchLabels: Record<string, string> }) =>
      pods.filter(([, labels]) => selects(selector, labels)).map(([name]) => name)
    const policies = ofKind<Manifest & { spec: { podSelector: { matchLabels: Record<string, string> } } }>(
      'NetworkPolicy',
    )
    const reach = Object.fromEntries(
      policies.map(({ metadata, spec }) => [metadata.name, selectedBy(spec.podSelector)]),
    )
    expect(reach.mosaicme).toHaveLength(pods.length)
    expect(reach.api).toEqual(['api'])
    // Workers that fetch untrusted URLs, or call networks.
    expect(reach.internet?.sort()).toEqual(
      [
        'api',
        ...['bulk', 'download', 'listen', 'tile-index', 'tweet', 'webhook'].map((queue) => `worker-${queue}`),
      ].sort(),
    )
    const [service] = ofKind<Manifest & { spec: { selector: Record<string, string> } }>('Service')
    expect(selectedBy({ matchLabels: service!.spec.selector })).toEqual(['api'])
  })
})

it('runs the workers of two builds side by side, different in everything but the queue', async () => {
  const all = await render('versioned-workers')
  expect(all.flatMap(offencesOf)).toEqual([])
  const deployments = all.filter(({ kind }) => kind === 'Deployment') as Workload[]
  expect(deployments.map(({ metadata }) => metadata.name).sort()).toEqual(
    allTaskQueues.map((queue) => `worker-${queue}-build-1`).sort(),
  )
  const version = { 'app.kubernetes.io/version': 'build-1' }
  for (const { metadata, spec } of deployments) {
    expect(spec.selector.matchLabels).toMatchObject(version)
    expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels)
    expect(spec.template.spec.containers[0].env).toContainEqual({
      name: 'TEMPORAL_WORKER_BUILD_ID',
      valueFrom: { fieldRef: { fieldPath: "metadata.labels['app.kubernetes.io/version']" } },
    })
    const scaled = all.filter(({ kind }) => kind === 'ScaledObject') as Scaled[]
    expect(scaled.map((one) => one.spec.scaleTargetRef.name)).toContain(metadata.name)
  }
  for (const one of all.filter(({ kind }) => kind === 'PodDisruptionBudget') as WithSelector[])
    expect(one.spec.selector.matchLabels).toMatchObject(version)
})

async function render(overlay: string): Promise<Manifest[]> {
  const folder = resolve(root, 'deploy/kubernetes', overlay)
  const { stdout } = await run(await findKustomize(), ['build', folder])
  return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest)
}

const selects = ({ matchLabels }: { matchLabels: Record<string, string> }, labels: Record<string, string>) =>
  Object.entries(matchLabels).every(([name, value]) => labels[name] === value)

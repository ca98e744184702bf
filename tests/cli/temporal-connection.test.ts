import { Server, ServerCredentials, status } from '@grpc/grpc-js'
import { Connection } from '@temporalio/client'
import { expect, onTestFinished, test } from 'vitest'
import { connectToTemporal } from '../../cli/temporal/connection.ts'
import { allSearchAttributes } from '../../workflows/contract/search-attributes.ts'
import { temporalAddress } from '../servers/temporal.ts'

const at = (address: string, namespace: string) => ({
  managed: false,
  address,
  namespace,
  connectionOptions: {},
})

test('registers missing search attributes', async () => {
  const connection = await Connection.connect({ address: temporalAddress() })
  onTestFinished(() => connection.close())
  const namespace = `fresh-${Date.now()}`
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  })
  const registered = async () => {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
    return Object.keys(customAttributes)
  }
  await expect.poll(() => registered().catch(() => undefined), { timeout: 15_000 }).toEqual([])
  await (await connectToTemporal(at(temporalAddress(), namespace))).close()
  expect(await registered()).toEqual(expect.arrayContaining(allSearchAttributes.map(({ name }) => name)))
  // A second start finds them registered.
  await (await connectToTemporal(at(temporalAddress(), namespace))).close()
})

test('a missing namespace is reported with the command that creates it', async () => {
  await expect(connectToTemporal(at(temporalAddress(), 'no-such-namespace'))).rejects.toMatchObject({
    code: 'temporal_namespace_missing',
    message: expect.stringContaining('temporal operator namespace create --namespace no-such-namespace'),
  })
})

/** A gRPC server that allows only the `allowed` calls; an empty message is a valid response to these. */
async function strictServer(
  allowed: (method: string) => boolean,
  refusal: { code: number; details?: string } = { code: status.PERMISSION_DENIED },
): Promise<string> {
  const server = new Server()
  const bytes = { serialize: (value: Buffer) => value, deserialize: (value: Buffer) => value }
  const method = (service: string, name: string) => ({
    path: `/temporal.api.${service}/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes.serialize,
    requestDeserialize: bytes.deserialize,
    responseSerialize: bytes.serialize,
    responseDeserialize: bytes.deserialize,
  })
  const workflow = ['GetSystemInfo', 'DescribeNamespace', 'CountWorkflowExecutions']
  const operator = ['ListSearchAttributes', 'AddSearchAttributes']
  const definition = Object.fromEntries([
    ...workflow.map((name) => [name, method('workflowservice.v1.WorkflowService', name)]),
    ...operator.map((name) => [name, method('operatorservice.v1.OperatorService', name)]),
  ])
  const answer = (name: string) => (_call: unknown, done: (error: object | null, value?: Buffer) => void) =>
    allowed(name) ? done(null, Buffer.alloc(0)) : done({ details: `${name} is not for you`, ...refusal })
  server.addService(
    definition,
    Object.fromEntries([...workflow, ...operator].map((name) => [name, answer(name)])),
  )
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )
  onTestFinished(() => server.forceShutdown())
  return `127.0.0.1:${port}`
}

test('waits until the server knows the registered attributes, since it rejects workflows with them before', async () => {
  let asked = 0
  const isKnown = (method: string) => method !== 'CountWorkflowExecutions' || ++asked === 3
  const details = 'Namespace shared has no mapping defined for search attribute JobType'
  const address = await strictServer(isKnown, { code: status.INVALID_ARGUMENT, details })
  await (await connectToTemporal(at(address, 'shared'))).close()
  expect(asked).toBe(3)
})

test('if registering is forbidden, the message says what somebody else must run', async () => {
  const address = await strictServer((method) => method !== 'AddSearchAttributes')
  await expect(connectToTemporal(at(address, 'shared'))).rejects.toMatchObject({
    code: 'temporal_search_attributes',
    message: expect.stringMatching(
      /JobType, JobStatus.*AddSearchAttributes is not for you.*temporal operator search-attribute create --namespace shared --name JobType --type Keyword/s,
    ),
  })
})

test('if even listing is forbidden, a query shows that they exist', async () => {
  const address = await strictServer((method) => !method.endsWith('SearchAttributes'))
  await (await connectToTemporal(at(address, 'cloud'))).close()
})

test('a server that is not Temporal is reported within seconds', async () => {
  await expect(connectToTemporal(at('127.0.0.1:1', 'default'))).rejects.toMatchObject({
    code: 'temporal_unreachable',
    message: expect.stringMatching(/Could not connect to a Temporal server at 127\.0\.0\.1:1.*refused/s),
  })
})

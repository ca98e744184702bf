import { join } from 'node:path'
import type { Environment } from '../environment.ts'
import { DirectoryObjectStore } from './directory.ts'
import type { ObjectStore } from './object-store.ts'

/** Opens the object store that the environment configures, and checks that it is writable. Throws a readable error. */
export async function openObjectStore(
  environment: Pick<Environment, 'dataDir' | 's3'>,
): Promise<ObjectStore> {
  const store = await storeFor(environment)
  await store.open()
  return store
}

async function storeFor({ dataDir, s3 }: Pick<Environment, 'dataDir' | 's3'>): Promise<ObjectStore> {
  if (s3 === undefined) return new DirectoryObjectStore(join(dataDir, 'objects'))
  // Loaded on demand: the SDK alone takes 150 ms to load.
  const { S3ObjectStore } = await import('./s3.ts')
  return new S3ObjectStore(s3)
}

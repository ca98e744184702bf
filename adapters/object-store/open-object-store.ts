import { join } from 'node:path'
import type { Environment } from '../environment.ts'
import { DirectoryObjectStore } from './directory.ts'
import type { ObjectStore } from './object-store.ts'
import { S3ObjectStore } from './s3.ts'

/** The object store that the environment asks for, opened: it can be written to. Throws a sentence when it cannot. */
export async function openObjectStore(
  environment: Pick<Environment, 'dataDir' | 's3'>,
): Promise<ObjectStore> {
  const store =
    environment.s3 === undefined
      ? new DirectoryObjectStore(join(environment.dataDir, 'objects'))
      : new S3ObjectStore(environment.s3)
  await store.open()
  return store
}

import { randomUUID } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { S3Environment } from '../../environment.ts'

const staleAfterMs = 24 * 3_600_000

/** Creates the bucket if it is missing, checks that it is writable, and removes stale multipart uploads. */
export async function openBucket(client: S3Client, name: string, environment: S3Environment): Promise<void> {
  try {
    // Not HeadBucket, whose response has no body to say what is wrong with the credentials.
    await client.send(new ListObjectsV2Command({ Bucket: name, MaxKeys: 1 }))
  } catch (error) {
    if (statusOf(error) !== 404) throw error
    await createBucket(client, name, environment)
  }
  const probe = { Bucket: name, Key: `.mosaicme-probe-${randomUUID()}` }
  await client.send(new PutObjectCommand({ ...probe, Body: Buffer.from('may be deleted\n') }))
  await client.send(new DeleteObjectCommand(probe))
  await abortStaleUploads(client, name)
}

async function createBucket(
  client: S3Client,
  name: string,
  { endpoint, region }: S3Environment,
): Promise<void> {
  // Only AWS requires its own region here, except for us-east-1.
  const place = endpoint === undefined && region !== 'us-east-1'
  try {
    await client.send(
      new CreateBucketCommand({
        Bucket: name,
        ...(place ? { CreateBucketConfiguration: { LocationConstraint: region as never } } : {}),
      }),
    )
  } catch (error) {
    // Another process created it.
    if ((error as Error).name !== 'BucketAlreadyOwnedByYou') throw error
  }
}

/** Parts of an upload whose process was killed cost money until they are removed. */
async function abortStaleUploads(client: S3Client, name: string): Promise<void> {
  try {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: name }))
    for (const { Key, UploadId, Initiated } of Uploads) {
      if (Initiated === undefined || Date.now() - Initiated.getTime() < staleAfterMs) continue
      await client.send(new AbortMultipartUploadCommand({ Bucket: name, Key, UploadId }))
    }
  } catch (error) {
    // Listing uploads may be forbidden or unsupported. The store works without; a lifecycle rule does the same.
    const status = statusOf(error)
    if (status === undefined || status < 400 || (status >= 500 && status !== 501)) throw error
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
}

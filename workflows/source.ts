import type { PictureSource } from './contract/job.ts'

/** Where a picture comes from, for the Web UI. */
export function describeSource(source: PictureSource): string {
  return 'url' in source ? source.url : `${source.object.bucket}/${source.object.key}`
}

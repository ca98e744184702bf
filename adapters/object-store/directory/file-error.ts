import { ObjectStoreError } from '../object-store.ts'

const known: Record<string, { code: string; retryable: boolean; way: string }> = {
  ENOSPC: { code: 'store_full', retryable: true, way: 'room on the disk' },
  EDQUOT: { code: 'store_full', retryable: true, way: 'room within the disk quota' },
  EMFILE: { code: 'store_busy', retryable: true, way: 'a free file descriptor (ulimit -n)' },
  ENFILE: { code: 'store_busy', retryable: true, way: 'a free file descriptor' },
  EACCES: { code: 'store_forbidden', retryable: false, way: 'a folder that this user may write to' },
  EPERM: { code: 'store_forbidden', retryable: false, way: 'a folder that this user may write to' },
  EROFS: { code: 'store_forbidden', retryable: false, way: 'a folder on a disk that can be written to' },
  ENAMETOOLONG: { code: 'key_too_long', retryable: false, way: 'a key that fits into a path here' },
}

/** Translates errors of the file system; others (a broken body, an abort) stay unchanged. */
export function storeError(error: unknown, doing: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (error instanceof ObjectStoreError || code === undefined || syscall === undefined) return error
  const {
    code: ours,
    retryable,
    way,
  } = known[code] ?? { code: 'store_error', retryable: true, way: 'the disk to work' }
  return new ObjectStoreError(ours, `expected ${way} for ${doing}, got ${code}`, { retryable, cause: error })
}

export const isCode = (error: unknown, ...codes: string[]) =>
  codes.includes((error as NodeJS.ErrnoException | undefined)?.code ?? '')

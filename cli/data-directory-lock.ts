/** Allows one running mosaicme per data directory: two would start two Temporal servers on one SQLite file. */
import { join } from 'node:path'
import { type FileLock, takeFileLock } from './file-lock.ts'
import { Refusal } from './refusal.ts'

/** @throws {Refusal} `data_dir_in_use`, naming the process that uses it */
export async function lockDataDirectory(dataDir: string): Promise<FileLock> {
  const path = join(dataDir, 'mosaicme.lock')
  const lock = await takeFileLock(path).catch((error: NodeJS.ErrnoException) => {
    throw new Refusal(
      'data_dir_unusable',
      `Expected DATA_DIR to be a writable folder, got ${dataDir}: ${error.message}`,
      {
        cause: error,
      },
    )
  })
  if ('release' in lock) {
    await lock.describe({ pid: process.pid, startedAt: new Date().toISOString() })
    return lock
  }
  const { pid, startedAt } = lock.holder ?? {}
  const since = startedAt ? `, since ${startedAt}` : ''
  throw new Refusal(
    'data_dir_in_use',
    `Another mosaicme is already using ${dataDir} (process ${pid ?? 'unknown'}${since}). ` +
      `Use that one, stop it${pid ? ` (kill ${pid})` : ''}, or set DATA_DIR to another folder.`,
  )
}

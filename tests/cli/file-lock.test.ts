import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lockDataDirectory } from '../../cli/data-directory-lock.ts'
import { takeFileLock } from '../../cli/file-lock.ts'
import { scratchFolder } from './scratch.ts'

/** A process that holds the lock on a file until it is killed, like another running mosaicme. */
async function otherHolder(path: string) {
  const code = `
    const { tryLock } = require('fs-native-extensions')
    const fs = require('node:fs')
    const fd = fs.openSync(${JSON.stringify(path)}, 'a+')
    if (!tryLock(fd)) process.exit(1)
    fs.writeSync(fd, JSON.stringify({ pid: process.pid, startedAt: '2026-01-01T00:00:00.000Z' }))
    console.log('locked')
    setInterval(() => {}, 1000)
  `
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

test('a data directory in use is rejected, naming the process and what to do', async () => {
  const folder = await scratchFolder()
  const other = await otherHolder(join(folder, 'mosaicme.lock'))
  await expect(lockDataDirectory(folder)).rejects.toMatchObject({
    code: 'data_dir_in_use',
    message: expect.stringMatching(
      new RegExp(`${folder}.*process ${other.pid}.*kill ${other.pid}.*DATA_DIR`),
    ),
  })
})

test('the lock of a killed process is free at once', async () => {
  const folder = await scratchFolder()
  const other = await otherHolder(join(folder, 'mosaicme.lock'))
  other.kill('SIGKILL')
  await once(other, 'exit')
  const lock = await lockDataDirectory(folder)
  await lock.release()
})

test('a file with the PID of a live process is not a lock: the PID may have been reused', async () => {
  const folder = await scratchFolder()
  await writeFile(join(folder, 'mosaicme.lock'), JSON.stringify({ pid: process.pid }))
  const lock = await lockDataDirectory(folder)
  await lock.release()
})

test('the lock is exclusive even within a process, and free again after its release', async () => {
  const path = join(await scratchFolder(), 'some.lock')
  const first = await takeFileLock(path)
  expect(first).toHaveProperty('release')
  expect(await takeFileLock(path)).not.toHaveProperty('release')
  if ('release' in first) await first.release()
  const second = await takeFileLock(path)
  expect(second).toHaveProperty('release')
  if ('release' in second) await second.release()
})

test('an unusable data directory is rejected with a message', async () => {
  const file = join(await scratchFolder(), 'file')
  await writeFile(file, '')
  await expect(lockDataDirectory(join(file, 'data'))).rejects.toMatchObject({
    code: 'data_dir_unusable',
    message: expect.stringContaining('Expected DATA_DIR to be a writable folder'),
  })
})

/** Files that the mosaic commands read and write, and messages for those that they cannot. */
import { copyFile, mkdtemp, rename, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { LargeFormat } from '../engine/index.ts'
import { Refusal } from './refusal.ts'

const formatOf: Record<string, LargeFormat> = {
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.png': 'png',
  '.webp': 'webp',
  '.avif': 'avif',
  '.tif': 'tiff',
  '.tiff': 'tiff',
}

/** @throws Refusal if the name implies no format */
export function formatByName(out: string): LargeFormat {
  const format = formatOf[extname(out).toLowerCase()]
  if (format) return format
  throw new Refusal(
    'invalid_option',
    `Expected --out to end in ${Object.keys(formatOf).join(', ')} but received ${out}.`,
  )
}

/** A temporary folder next to the result, so that moving it into place is atomic. */
export async function folderBeside(out: string): Promise<string> {
  return await mkdtemp(join(dirname(out), '.mosaicme-')).catch((cause) => refuseFile('--out', out, cause))
}

export async function putWhole(bytes: Uint8Array, path: string, directory: string): Promise<void> {
  const draft = join(directory, basename(path))
  await writeFile(draft, bytes)
  await move(draft, path)
}

/** Across file systems: copies next to the destination, then renames. */
export async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    const draft = `${to}.part`
    await copyFile(from, draft)
    await rename(draft, to)
  }
}

const reasons: Record<string, string> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it is not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the device',
}

export function refuseFile(what: string, path: string, cause: unknown): never {
  const { code } = cause as NodeJS.ErrnoException
  if (code === undefined || !(code in reasons)) throw cause
  const place = what === '--out' && code === 'ENOENT' ? dirname(path) : path
  throw new Refusal('file_unusable', `Cannot use ${place} for ${what}: ${reasons[code]}.`, { cause })
}

/** Turns an error of the file system while writing `out` into a refusal. */
export function asSentence(error: unknown, out: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code === undefined || syscall === undefined) return error
  return new Refusal(
    'cannot_write',
    `Could not write ${out}: ${reasons[code] ?? (error as Error).message}.`,
    {
      cause: error,
    },
  )
}

/** Pictures on the local disk, given as files, folders or patterns. */
import { stat } from 'node:fs/promises'
import { basename, join, posix, relative, resolve, sep } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'
import { Refusal } from './refusal.ts'

export interface PictureFile {
  path: string
  /** Path below the folder, or below the fixed part of the pattern, that it was found with. */
  name: string
}

const pictures = '**/*.{jpg,jpeg,png,webp,avif,gif,tif,tiff,JPG,JPEG,PNG,WEBP,AVIF,GIF,TIF,TIFF}'

/**
 * Without duplicates, in the given order, then by name. Folders at any depth, only their pictures.
 * @throws {Refusal} `file_not_found`
 */
export async function findPictureFiles(places: readonly string[]): Promise<PictureFile[]> {
  const found = new Map<string, PictureFile>()
  for (const place of places) {
    const files = await findIn(place)
    if (files.length === 0)
      throw new Refusal(
        'file_not_found',
        `Expected a picture, a folder of pictures or a pattern that matches some, got ${place}.`,
      )
    for (const file of files) if (!found.has(file.path)) found.set(file.path, file)
  }
  return [...found.values()]
}

async function findIn(place: string): Promise<PictureFile[]> {
  const there = await stat(place).catch(() => undefined)
  if (there?.isFile()) return [{ path: resolve(place), name: basename(place) }]
  if (there?.isDirectory()) return await matching(resolve(place), pictures)
  const slashed = place.split(sep).join('/')
  if (!isDynamicPattern(slashed)) return []
  const segments = slashed.split('/')
  const fixed = segments.slice(
    0,
    segments.findIndex((segment) => isDynamicPattern(segment)),
  )
  return await matching(
    resolve(fixed.join('/') || (slashed.startsWith('/') ? '/' : '.')),
    posix.join(...segments.slice(fixed.length)),
  )
}

async function matching(folder: string, pattern: string): Promise<PictureFile[]> {
  const paths = await glob(pattern, { cwd: folder, followSymbolicLinks: false, onlyFiles: true })
  return paths
    .sort()
    .map((name) => ({ path: join(folder, name), name: relative(folder, join(folder, name)) }))
}

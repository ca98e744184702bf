/** The EXIF kept by `exif: 'keep'`: author, description, equipment and time, but never the location. */
import readExif from 'exif-reader'
import type { Exif } from 'sharp'
import { sharp } from '../sharp.ts'

/**
 * An allowlist: maker notes, serial numbers and GPS stay out, and so does anything cameras add in the future.
 */
const kept = {
  IFD0: ['Artist', 'Copyright', 'ImageDescription', 'Make', 'Model', 'Software'],
  IFD2: ['LensModel', 'ExposureTime', 'FNumber', 'ISOSpeedRatings', 'FocalLength'],
} as const

/** EXIF 2.32, 4.6.4: rationals are written as fractions. */
const rationals = new Set(['ExposureTime', 'FNumber', 'FocalLength'])

export async function keptMetadata(bytes: Uint8Array): Promise<Exif | undefined> {
  const { exif } = await sharp(bytes).metadata()
  if (!exif) return undefined
  const tags = read(exif)
  if (!tags) return undefined
  const groups: Exif = {
    IFD0: pick(tags.Image ?? {}, kept.IFD0),
    IFD2: pick(tags.Photo ?? {}, kept.IFD2),
  }
  const taken = tags.Photo?.DateTimeOriginal
  if (taken instanceof Date && !Number.isNaN(taken.getTime()))
    groups.IFD2 = { ...groups.IFD2, DateTimeOriginal: exifDate(taken) }
  return groups
}

/** Invalid EXIF is dropped; the picture is still resized. */
function read(exif: Buffer): { Image?: object; Photo?: { DateTimeOriginal?: unknown } } | undefined {
  try {
    return readExif(exif) as never
  } catch {
    return undefined
  }
}

function pick(tags: object, names: readonly string[]): Record<string, string> {
  const entries = names.flatMap((name) => {
    const value = (tags as Record<string, unknown>)[name]
    if (typeof value === 'string' && value !== '') return [[name, value]]
    if (typeof value !== 'number' || !Number.isFinite(value)) return []
    return [[name, rationals.has(name) ? fraction(value) : String(Math.round(value))]]
  })
  return Object.fromEntries(entries)
}

const fraction = (value: number) =>
  value > 0 && value < 1 ? `1/${Math.round(1 / value)}` : `${Math.round(value * 100)}/100`

const exifDate = (date: Date) => date.toISOString().slice(0, 19).replaceAll('-', ':').replace('T', ' ')

/** The gallery's order: newest first, equal dates by ID. Cursors are places in this order. */
import type { GalleryEntry } from './gallery-cache.ts'
import { GalleryCacheError } from './gallery-cache-error.ts'

export interface Place {
  /** Negated ms since 1970, so that ascending order is newest first. */
  score: number
  id: string
}

/** @throws {GalleryCacheError} `invalid_entry` */
export function placeOf({ id, date }: Pick<GalleryEntry, 'id' | 'date'>): Place {
  const time = /^\d{4}-\d\d-\d\dT/.test(date) ? Date.parse(date) : Number.NaN
  if (id === '' || Number.isNaN(time)) {
    const got = `${JSON.stringify(id)} of ${JSON.stringify(date)}`
    throw new GalleryCacheError(
      'invalid_entry',
      `expected a mosaic with an ID and an RFC 3339 date, got ${got}`,
    )
  }
  return { score: -time || 0, id }
}

export function compare(a: Place, b: Place): number {
  return a.score - b.score || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
}

export function cursorOf({ score, id }: Place): string {
  return Buffer.from(JSON.stringify([score, id])).toString('base64url')
}

/** @throws {GalleryCacheError} `invalid_cursor` */
export function placeBehind(cursor: string): Place {
  try {
    const [score, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Number.isSafeInteger(score) && typeof id === 'string') return { score, id }
  } catch {
    // Reported below.
  }
  throw new GalleryCacheError(
    'invalid_cursor',
    `expected the cursor of a page, got ${JSON.stringify(cursor.slice(0, 100))}`,
  )
}

export function checkLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit
  throw new GalleryCacheError('invalid_limit', `expected a limit from 1 to 1000 for a page, got ${limit}`)
}

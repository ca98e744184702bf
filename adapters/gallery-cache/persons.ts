/** The names by which a person's mosaics are found. */
import type { GalleryEntry } from './gallery-cache.ts'

/**
 * Normalises a name for comparison: without `@` and surrounding blanks, ASCII in lower case. Other scripts stay unchanged,
 * because the Lua in Redis must compute the same and supports no more.
 */
export const asPerson = (name: string): string =>
  name
    .trim()
    .replace(/^@/, '')
    .replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** The entry's handle and author's name, normalised; empty if nobody is named. */
export function personsOf({ username, author = '' }: Pick<GalleryEntry, 'username' | 'author'>): string[] {
  return [...new Set([asPerson(username), asPerson(author)])].filter((name) => name !== '')
}

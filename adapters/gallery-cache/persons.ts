/** By which names a person's mosaics are found. */
import type { GalleryEntry } from './gallery-cache.ts'

/**
 * As names are compared: without `@` and blanks around them, ASCII in lower case. Other scripts as they are written:
 * Redis' Lua, which has to come to the same result, knows no more.
 */
export const asPerson = (name: string): string =>
  name
    .trim()
    .replace(/^@/, '')
    .replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** The entry's handle and its author's name, as they are compared; neither when nobody is named. */
export function personsOf({ username, author = '' }: Pick<GalleryEntry, 'username' | 'author'>): string[] {
  return [...new Set([asPerson(username), asPerson(author)])].filter((name) => name !== '')
}

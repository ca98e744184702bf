/**
 * Maps keys to paths. Every byte but `a-z 0-9 _ - .` is written as `%xx`, so that no key can leave the folder, file systems that
 * fold case or normalise Unicode cannot confuse two keys, and a name that starts with a dot is never an object.
 *
 * | on disk | is |
 * | --- | --- |
 * | `name` | the object whose last segment is `name` |
 * | `name+/` | the segment `name` of longer keys, so that `a` and `a/b` can coexist |
 * | `name~/` | the first 80 bytes of a longer segment (a file name holds 255 bytes), continued inside |
 * | `=` | an object whose name ended with the previous part |
 *
 * Keys are handled as "byte strings", one character per byte of UTF-8: compared with `<` they are in S3's order.
 */
export type ByteString = string

export const toBytes = (key: string): ByteString => Buffer.from(key, 'utf8').toString('latin1')
export const fromBytes = (bytes: ByteString): string => Buffer.from(bytes, 'latin1').toString('utf8')

/** 80 bytes are at most 240 characters once written as `%xx`. */
const pieceBytes = 80

/** `['mosaic-1_files+', '12+', '0_1.jpg']` */
export function pathOf(key: string): string[] {
  const segments = toBytes(key).split('/')
  return segments.flatMap((segment, index) => {
    const pieces: string[] = []
    let rest = segment
    while (rest.length >= pieceBytes) {
      pieces.push(`${encode(rest.slice(0, pieceBytes))}~`)
      rest = rest.slice(pieceBytes)
    }
    const last = index === segments.length - 1
    return [...pieces, last ? encode(rest) || '=' : `${encode(rest)}+`]
  })
}

/** Of the folder that holds every key that starts so: `a/b/c` and `a/b/` are in `['a+', 'b+']`. */
export const pathOfFolder = (prefix: string): string[] => pathOf(folderOf(prefix)).slice(0, -1)
/** `a/b/` of `a/b/c`. */
export const folderOf = (prefix: string): string => prefix.slice(0, prefix.lastIndexOf('/') + 1)

export interface Entry {
  /** The part of the key: `name`, or `name/` for a folder. */
  bytes: ByteString
  /** Whether it contains more keys, all of which start with `bytes`. */
  folder: boolean
}

/** Parses a name on disk; `undefined` for names that are not ours (`.DS_Store`). */
export function entryOf(name: string): Entry | undefined {
  if (name === '=') return { bytes: '', folder: false }
  const match = /^((?:[a-z0-9_.-]|%[0-9a-f]{2})*)([+~]?)$/.exec(name)
  if (match === null || name.startsWith('.')) return undefined
  const bytes = match[1]!.replace(/%(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return { bytes: match[2] === '+' ? `${bytes}/` : bytes, folder: match[2] !== '' }
}

function encode(bytes: ByteString): string {
  return bytes.replace(
    /[^a-z0-9_.-]|^\.|\.$/g,
    (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

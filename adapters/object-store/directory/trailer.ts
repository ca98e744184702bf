/**
 * An object is one file: its bytes, then what is known about them as JSON, then the length of that JSON and a mark.
 * One file, because two files cannot be replaced at once; behind the bytes, because the hash is known only at the
 * end of a stream. (A JPEG with a trailer still opens in a viewer.)
 */
import type { FileHandle } from 'node:fs/promises'
import { ObjectDamaged } from '../object-store.ts'

export interface Facts {
  /** SHA-256 of the bytes, hex, in quotes. */
  etag: string
  contentType: string
  metadata: Record<string, string>
  /** RFC 3339. */
  modifiedAt: string
  /** Bytes before the trailer: a check that the file is whole. */
  size: number
}

const mark = Buffer.from('mosaicme')
const footerBytes = 4 + mark.length
/** Metadata is at most 2 KB encoded: nearly every trailer is read with one call. */
const guessBytes = 1024

export function trailerOf(facts: Facts): Buffer {
  const json = Buffer.from(JSON.stringify(facts))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  return Buffer.concat([json, length, mark])
}

/**
 * @param atOnce up to so many bytes the whole file is read, which takes no longer: `bytes` are the object's then
 * @throws {ObjectDamaged} cut short, or no file of ours
 */
export async function readTrailer(
  file: FileHandle,
  path: string,
  atOnce = guessBytes,
): Promise<{ facts: Facts; bytes?: Uint8Array }> {
  const { size: total } = await file.stat()
  let tail = await readTail(file, total, total <= atOnce ? total : Math.min(total, guessBytes))
  if (tail.length >= footerBytes && tail.subarray(-mark.length).equals(mark)) {
    const needed = tail.readUInt32BE(tail.length - footerBytes) + footerBytes
    if (needed > tail.length && needed <= total) tail = await readTail(file, total, needed)
    if (needed <= tail.length) {
      const facts = parse(tail.subarray(tail.length - needed, tail.length - footerBytes))
      if (facts?.size === total - needed)
        return { facts, ...(tail.length === total && { bytes: tail.subarray(0, facts.size) }) }
    }
  }
  throw new ObjectDamaged(`expected an object with its trailer in ${path}, got ${total} bytes without`)
}

async function readTail(file: FileHandle, total: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(length), 0, length, total - length)
  return buffer.subarray(0, bytesRead)
}

function parse(json: Buffer): Facts | undefined {
  try {
    return JSON.parse(json.toString())
  } catch {
    // The caller says what is wrong: a file whose end only looks like a trailer.
    return undefined
  }
}

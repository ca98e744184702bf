/**
 * An object is one file: its bytes, then its facts as JSON, then the length of that JSON and a magic number. One file, because
 * two cannot be replaced atomically; after the bytes, because the hash is only known at the end of a stream. (A JPEG with a
 * trailer still opens in a viewer.)
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
  /** Bytes before the trailer, to check that the file is complete. */
  size: number
}

const mark = Buffer.from('mosaicme')
const footerBytes = 4 + mark.length
/** Encoded metadata is at most 2 KB: nearly every trailer can be read with one call. */
const guessBytes = 1024

export function trailerOf(facts: Facts): Buffer {
  const json = Buffer.from(JSON.stringify(facts))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  return Buffer.concat([json, length, mark])
}

/**
 * @param atOnce files up to this size are read as a whole, which takes no longer: `bytes` are then the object's
 * @throws {ObjectDamaged} truncated, or not one of our files
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
    // Reported by the caller: the end of the file only looks like a trailer.
    return undefined
  }
}

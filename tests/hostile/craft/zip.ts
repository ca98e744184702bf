/** Hand-made zip archives with entries that lie about names, sizes and positions (APPNOTE.TXT). */
import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipEntry {
  /** Any bytes. */
  name: string | Buffer
  data: Uint8Array
  /** Unpacked size in the directory; default: the truth. */
  claimedSize?: number
  /** Shares the bytes of the previous entry, so that a small file unpacks to many large ones. */
  overlaps?: boolean
  /** General purpose flags: 1 is encrypted, 0x800 a UTF-8 name. */
  flags?: number
}

export function zip(entries: ZipEntry[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  let before: { offset: number; packed: Buffer; check: number } | undefined
  for (const { name, data, claimedSize = data.length, overlaps = false, flags = 0x800 } of entries) {
    const title = Buffer.from(name)
    const shared = overlaps ? before : undefined
    const packed = shared?.packed ?? deflateRawSync(data, { level: 9 })
    const check = shared?.check ?? crc32(data)
    const sizes = Buffer.alloc(18)
    sizes.writeUInt32LE(check, 4)
    sizes.writeUInt32LE(packed.length, 8)
    sizes.writeUInt32LE(claimedSize, 12)
    sizes.writeUInt16LE(title.length, 16)
    const method = Buffer.of(20, 0, flags & 255, flags >> 8, 8, 0)
    const at = shared?.offset ?? offset
    if (!shared) {
      const local = Buffer.concat([Buffer.from('PK\x03\x04'), method, sizes, Buffer.alloc(2), title, packed])
      parts.push(local)
      before = { offset, packed, check }
      offset += local.length
    }
    const where = Buffer.alloc(16)
    where.writeUInt32LE(at, 12)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.of(20, 0), method, sizes, where, title]))
  }
  const listing = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(entries.length & 0xffff, 8)
  end.writeUInt16LE(entries.length & 0xffff, 10)
  end.writeUInt32LE(listing.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, listing, end])
}

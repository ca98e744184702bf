/** Manipulated JPEG files: added marker segments, rewritten sizes (ITU-T T.81, annex B). */

/** At most 65,533 bytes. */
export function segment(marker: number, data: Uint8Array): Buffer {
  const head = Buffer.of(0xff, marker, 0, 0)
  head.writeUInt16BE(data.length + 2, 2)
  return Buffer.concat([head, data])
}

/** Right after the start of the image. */
export const withSegments = (jpeg: Uint8Array, ...segments: Buffer[]) =>
  Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)])

/** An ICC profile of any length, in as many segments as it takes (ICC.1, annex B.4). */
export function iccSegments(profile: Uint8Array): Buffer[] {
  const most = 65_519
  const count = Math.ceil(profile.length / most)
  return Array.from({ length: count }, (_, at) =>
    segment(
      0xe2,
      Buffer.concat([
        Buffer.from('ICC_PROFILE\0'),
        Buffer.of(at + 1, count),
        profile.subarray(at * most, (at + 1) * most),
      ]),
    ),
  )
}

/** Positions of all markers of this kind, in a file whose data does not contain such bytes. */
function markers(jpeg: Buffer, ...kinds: number[]): number[] {
  const found: number[] = []
  for (let at = 2; at + 4 <= jpeg.length; ) {
    if (jpeg[at] !== 0xff || jpeg[at + 1] === 0 || jpeg[at + 1] === 0xff) {
      at++
      continue
    }
    const kind = jpeg[at + 1]!
    if (kinds.includes(kind)) found.push(at)
    at += kind >= 0xd0 && kind <= 0xd9 ? 2 : 2 + jpeg.readUInt16BE(at + 2)
  }
  return found
}

/** Claims another size. */
export function resized(jpeg: Uint8Array, width: number, height: number): Buffer {
  const copy = Buffer.from(jpeg)
  const [at] = markers(copy, 0xc0, 0xc2)
  if (at === undefined) throw new Error('expected a JPEG with a frame header')
  copy.writeUInt16BE(height, at + 5)
  copy.writeUInt16BE(width, at + 7)
  return copy
}

/** A progressive JPEG that repeats its last scan: each goes over the whole picture. */
export function scanBomb(progressive: Uint8Array, scans: number): Buffer {
  const copy = Buffer.from(progressive)
  const last = markers(copy, 0xda).at(-1)
  if (last === undefined) throw new Error('expected a progressive JPEG')
  const end = copy.lastIndexOf(Buffer.of(0xff, 0xd9))
  const scan = copy.subarray(last, end)
  return Buffer.concat([copy.subarray(0, end), ...Array<Buffer>(scans).fill(scan), copy.subarray(end)])
}

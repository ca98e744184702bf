/** Hand-made GIF files: a screen of any size, and any number of frames of one pixel (GIF89a). */

const uint16 = (value: number) => Buffer.of(value & 255, value >> 8)

const palette = Buffer.of(0, 0, 0, 255, 255, 255)
/** Graphic control: shown for 10 ms. Then one pixel: code size 2, a block of clear, 0, end. */
const frame = Buffer.concat([
  Buffer.of(0x21, 0xf9, 4, 0, 1, 0, 0, 0),
  Buffer.of(0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0),
  Buffer.of(2, 2, 0x44, 0x01, 0),
])

/** @param comment placed between the screen and the frames */
export function gif(width: number, height: number, frames: number, comment = ''): Buffer {
  const said = Buffer.from(comment, 'latin1').subarray(0, 255)
  return Buffer.concat([
    Buffer.from('GIF89a'),
    uint16(width),
    uint16(height),
    Buffer.of(0x80, 0, 0),
    palette,
    ...(said.length > 0 ? [Buffer.of(0x21, 0xfe, said.length), said, Buffer.of(0)] : []),
    ...Array<Buffer>(frames).fill(frame),
    Buffer.of(0x3b),
  ])
}

/** Small generated pictures: a photo, and tiles that differ in colour and texture. */
import sharp from 'sharp'

export async function photo(width = 160, height = 120): Promise<Uint8Array> {
  const pixels = Buffer.alloc(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3
      pixels[at] = (255 * x) / width
      pixels[at + 1] = (255 * y) / height
      pixels[at + 2] = Math.hypot(x - width / 2, y - height / 2) < height / 4 ? 255 : 60
    }
  }
  return await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer()
}

/** A different picture of 48 px for every `seed`: a colour with a stripe of another at an angle. */
export async function tilePhoto(seed: number): Promise<Uint8Array> {
  const side = 48
  const pixels = Buffer.alloc(side * side * 3)
  const [r, g, b] = [(seed * 67) % 256, (seed * 131) % 256, (seed * 199) % 256]
  const angle = (seed * Math.PI) / 7
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const inStripe = Math.abs((x - 24) * Math.cos(angle) + (y - 24) * Math.sin(angle)) < 4 + (seed % 9)
      const at = (y * side + x) * 3
      pixels[at] = inStripe ? 255 - r : r
      pixels[at + 1] = inStripe ? 255 - g : g
      pixels[at + 2] = inStripe ? 255 - b : b
    }
  }
  return await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer()
}

/**
 * SSIM, the structure shared by two pictures: Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment",
 * IEEE Transactions on Image Processing 13(4), 2004. Uniform 8 x 8 windows every 4 pixels, as in the paper's
 * own example of a plain window, averaged over the sRGB channels, so that hues count too.
 */
const block = 4
/** (0.01 * 255)² and (0.03 * 255)²: the paper's constants for 8 bits. */
const c1 = 6.5025
const c2 = 58.5225

/** Sums over blocks of 4 x 4 pixels of one picture, `width / 4 * height / 4 * 3` each. */
export interface BlockSums {
  values: Float64Array
  squares: Float64Array
}

export function blockSums(width: number, height = width): BlockSums {
  const length = (width / block) * (height / block) * 3
  return { values: new Float64Array(length), squares: new Float64Array(length) }
}

/** @param rgb sRGB; both sides are multiples of 4 */
export function sumBlocks(rgb: Uint8Array, width: number, out: BlockSums): void {
  const across = width / block
  const down = rgb.length / (width * block * 3)
  for (let y = 0, i = 0; y < down; y++)
    for (let x = 0; x < across; x++)
      for (let channel = 0; channel < 3; channel++, i++) {
        let sum = 0
        let squares = 0
        for (let v = 0; v < block; v++) {
          let at = ((y * block + v) * width + x * block) * 3 + channel
          for (let u = 0; u < block; u++, at += 3) {
            const value = rgb[at]!
            sum += value
            squares += value * value
          }
        }
        out.values[i] = sum
        out.squares[i] = squares
      }
}

/** Sums of products of two pictures over the same blocks. */
export function sumProducts(a: Uint8Array, b: Uint8Array, width: number, out: Float64Array): void {
  const across = width / block
  const down = a.length / (width * block * 3)
  for (let y = 0, i = 0; y < down; y++)
    for (let x = 0; x < across; x++)
      for (let channel = 0; channel < 3; channel++, i++) {
        let sum = 0
        for (let v = 0; v < block; v++) {
          let at = ((y * block + v) * width + x * block) * 3 + channel
          for (let u = 0; u < block; u++, at += 3) sum += a[at]! * b[at]!
        }
        out[i] = sum
      }
}

/** Mean SSIM of all windows and channels, -1..1, from the sums of both pictures. */
export function similarity(a: BlockSums, b: BlockSums, products: Float64Array, width: number): number {
  const across = width / block
  const line = across * 3
  const down = products.length / line
  let total = 0
  for (let y = 0; y + 1 < down; y++)
    for (let i = y * line; i < (y + 1) * line - 3; i++) {
      const x = windowMean(a.values, i, line)
      const z = windowMean(b.values, i, line)
      total += windowSimilarity(
        x,
        z,
        windowMean(a.squares, i, line),
        windowMean(b.squares, i, line),
        windowMean(products, i, line),
      )
    }
  return total / ((across - 1) * (down - 1) * 3)
}

/**
 * SSIM of one window and channel, from the means of both pictures, of their squares and of their products.
 */
export function windowSimilarity(x: number, z: number, xx: number, zz: number, xz: number): number {
  const varianceX = xx - x * x
  const varianceZ = zz - z * z
  const covariance = xz - x * z
  return ((2 * x * z + c1) * (2 * covariance + c2)) / ((x * x + z * z + c1) * (varianceX + varianceZ + c2))
}

function windowMean(sums: Float64Array, i: number, line: number): number {
  return (sums[i]! + sums[i + 3]! + sums[i + line]! + sums[i + line + 3]!) / (4 * block * block)
}

/** SSIM of two sRGB pictures whose sides are multiples of 4 and at least 8. */
export function structuralSimilarity(a: Uint8Array, b: Uint8Array, width: number): number {
  const height = a.length / (width * 3)
  const sums = [blockSums(width, height), blockSums(width, height)] as const
  sumBlocks(a, width, sums[0])
  sumBlocks(b, width, sums[1])
  const products = new Float64Array(sums[0].values.length)
  sumProducts(a, b, width, products)
  return similarity(sums[0], sums[1], products, width)
}

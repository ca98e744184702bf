import { averageAreas } from './features.ts'
import { oklabFromLinear } from './oklab.ts'

/** Bytes: a 64-bit difference hash, then L, a, b of the four quarters. */
export const fingerprintLength = 8 + 4 * 3

/** Bits of the difference hash in which two pictures of the same thing may differ. */
const hashTolerance = 6
/** 1/255 of OKLab's unit, per value: recompressing at JPEG quality 50 moves a quarter's mean by 1 or 2. */
const colourTolerance = 6
/** A step in lightness that counts as one: below it lies a compressor's noise on an even wall. */
const visibleStep = 0.012

/**
 * What is left of a picture when size and compression are taken away: a difference hash (Neal Krawetz, "Kind of
 * like that", 2013: is each of 9 x 8 areas darker than its right neighbour?), and since a hash is blind to colour,
 * the mean colours of the picture's quarters.
 *
 * @param rgb sRGB, `width * height * 3`: the whole picture, because a crop may fall differently on a copy
 */
export function fingerprint(rgb: Uint8Array, width: number, height: number): Uint8Array {
  const print = new Uint8Array(fingerprintLength)
  const lab = new Float32Array(3)
  const areas = averageAreas(rgb, width, height, 9, 8)
  for (let y = 0; y < 8; y++) {
    let left = 0
    for (let x = 0; x < 9; x++) {
      const at = (y * 9 + x) * 3
      oklabFromLinear(areas[at]!, areas[at + 1]!, areas[at + 2]!, lab, 0)
      if (x > 0 && lab[0]! - left > visibleStep) print[y]! |= 1 << (x - 1)
      left = lab[0]!
    }
  }
  const quarters = averageAreas(rgb, width, height, 2, 2)
  for (let quarter = 0; quarter < 4; quarter++) {
    const at = quarter * 3
    oklabFromLinear(quarters[at]!, quarters[at + 1]!, quarters[at + 2]!, lab, 0)
    print[8 + at] = Math.round(Math.min(1, lab[0]!) * 255)
    print[9 + at] = Math.round((lab[1]! + 0.5) * 255)
    print[10 + at] = Math.round((lab[2]! + 0.5) * 255)
  }
  return print
}

/** Whether two fingerprints are of the same picture in another size, format or compression. */
export function looksLike(one: Uint8Array, other: Uint8Array): boolean {
  for (let i = 8; i < fingerprintLength; i++)
    if (Math.abs(one[i]! - other[i]!) > colourTolerance) return false
  let bits = 0
  for (let i = 0; i < 8; i++) bits += ones[one[i]! ^ other[i]!]!
  return bits <= hashTolerance
}

/** How many bits are set in each byte. */
const ones = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length)

/**
 * Numbers tiles so that near-duplicates share a number, directly or by way of others: the smallest index among them.
 * Sorts by lightness and compares only within reach of the tolerance, which loses nothing: look-alikes' summed
 * lightness can't differ by more than four tolerances. 6,000 photos take about 20 ms.
 */
export function groupLookAlikes(prints: readonly Uint8Array[]): Uint32Array<SharedArrayBuffer> {
  const groups = new Uint32Array(new SharedArrayBuffer(prints.length * 4))
  for (let index = 0; index < groups.length; index++) groups[index] = index
  const find = (index: number): number => {
    while (groups[index] !== index) index = groups[index] = groups[groups[index]!]!
    return index
  }
  const lightness = prints.map((print) => print[8]! + print[11]! + print[14]! + print[17]!)
  const order = prints.map((_, index) => index).sort((a, b) => lightness[a]! - lightness[b]! || a - b)
  for (let i = 0; i < order.length; i++) {
    for (let j = i + 1; j < order.length; j++) {
      if (lightness[order[j]!]! - lightness[order[i]!]! > 4 * colourTolerance) break
      if (!looksLike(prints[order[i]!]!, prints[order[j]!]!)) continue
      const [a, b] = [find(order[i]!), find(order[j]!)]
      groups[Math.max(a, b)] = Math.min(a, b)
    }
  }
  for (let index = 0; index < groups.length; index++) groups[index] = find(index)
  return groups
}

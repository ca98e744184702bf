/**
 * Recognises ICC profiles that describe sRGB, for which pixels need no conversion.
 * ICC.1:2022, https://www.color.org/specification/ICC.1-2022-05.pdf; all numbers are big-endian.
 */
import { linearFromSrgb, srgbFromLinear } from './oklab.ts'

/** X, Y, Z of sRGB's primaries, adapted to D50 as in profiles. Those of other colour spaces differ by at least 0.01. */
const primaries = [
  ['rXYZ', [0.4361, 0.2225, 0.0139]],
  ['gXYZ', [0.3851, 0.7169, 0.0971]],
  ['bXYZ', [0.1431, 0.0606, 0.7142]],
] as const
const tolerance = 0.002

const curves = ['rTRC', 'gTRC', 'bTRC'] as const

/** True when converting would change no 8-bit value by more than one. */
export function isSrgbProfile(profile: Uint8Array): boolean {
  const header = viewOf(profile)
  try {
    // Section 7.2: the device's colour space and the profile connection space.
    if (nameAt(header, 16) !== 'RGB ' || nameAt(header, 20) !== 'XYZ ') return false
    const tags = tagsOf(profile)
    // A lookup table takes precedence over primaries and curves (section 8.10).
    if (tags.has('A2B0')) return false
    return (
      primaries.every(([name, xyz]) => isNear(tags.get(name), xyz)) &&
      curves.every((name) => isSrgbCurve(tags.get(name)))
    )
  } catch (error) {
    // Truncated: left to libvips.
    if (error instanceof RangeError) return false
    throw error
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  new DataView(buffer, byteOffset, byteLength)
const nameAt = (view: DataView, at: number) =>
  String.fromCharCode(...[0, 1, 2, 3].map((next) => view.getUint8(at + next)))

/** Section 7.3: the tag table. */
function tagsOf(profile: Uint8Array): Map<string, DataView> {
  const table = viewOf(profile)
  const tags = new Map<string, DataView>()
  const end = 132 + 12 * table.getUint32(128)
  for (let at = 132; at < end; at += 12) {
    const offset = table.getUint32(at + 4)
    tags.set(nameAt(table, at), viewOf(profile.subarray(offset, offset + table.getUint32(at + 8))))
  }
  return tags
}

/** `s15Fixed16Number`, section 4.6. */
const fixed = (view: DataView, at: number) => view.getInt32(at) / 65_536

/** Section 10.31, `XYZType`. */
const isNear = (tag: DataView | undefined, xyz: readonly number[]) =>
  tag !== undefined && xyz.every((value, axis) => Math.abs(fixed(tag, 8 + axis * 4) - value) < tolerance)

function isSrgbCurve(tag: DataView | undefined): boolean {
  const curve = tag && curveOf(tag)
  return (
    curve !== undefined &&
    linearFromSrgb.every((_, value) => Math.abs(srgbFromLinear(curve(value / 255)) - value) <= 1)
  )
}

/** A tone curve, 0..1 to linear light 0..1, in either encoding used for sRGB; `undefined` for others, such as a plain gamma. */
function curveOf(tag: DataView): ((value: number) => number) | undefined {
  const type = nameAt(tag, 0)
  // Section 10.6, `curveType`: a table with linear interpolation.
  if (type === 'curv' && tag.getUint32(8) > 1) {
    const last = tag.getUint32(8) - 1
    const entry = (index: number) => tag.getUint16(12 + Math.min(index, last) * 2) / 65_535
    return (value) => {
      const at = Math.floor(value * last)
      return entry(at) + (entry(at + 1) - entry(at)) * (value * last - at)
    }
  }
  // Section 10.18, `parametricCurveType`: the kind of IEC 61966-2-1.
  if (type === 'para' && tag.getUint16(8) === 3) {
    const [g = 1, a = 1, b = 0, c = 1, d = 0] = [12, 16, 20, 24, 28].map((at) => fixed(tag, at))
    return (value) => (value >= d ? (a * value + b) ** g : c * value)
  }
  return undefined
}

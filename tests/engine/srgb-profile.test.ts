import sharp from 'sharp'
import { expect, test } from 'vitest'
import { readJpegHeader } from '../../engine/jpeg-header.ts'
import { openPicture } from '../../engine/picture.ts'
import { isSrgbProfile } from '../../engine/srgb-profile.ts'

const srgbPrimaries = [
  [0.4361, 0.2225, 0.0139],
  [0.3851, 0.7169, 0.0971],
  [0.1431, 0.0606, 0.7142],
]
/** Display P3, adapted to D50. */
const p3Primaries = [
  [0.5151, 0.2412, -0.0011],
  [0.292, 0.6922, 0.0419],
  [0.1571, 0.0666, 0.7841],
]
const lightOf = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)

const fixed = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(Math.round(value * 65_536))
  return bytes
}
const uint16 = (value: number) => Buffer.from([value >> 8, value & 255])
const uint32 = (value: number) => Buffer.concat([uint16(value >>> 16), uint16(value & 65_535)])
const table = (lightOf: (value: number) => number, entries = 1024) =>
  Buffer.concat([
    Buffer.from('curv\0\0\0\0'),
    uint32(entries),
    ...Array.from({ length: entries }, (_, at) =>
      uint16(Math.round(Math.min(1, lightOf(at / (entries - 1))) * 65_535)),
    ),
  ])
const gamma = (value: number) =>
  Buffer.concat([Buffer.from('curv\0\0\0\0'), uint32(1), uint16(Math.round(value * 256))])
const parametric = (kind: number, ...values: number[]) =>
  Buffer.concat([Buffer.from('para\0\0\0\0'), uint16(kind), uint16(0), ...values.map(fixed)])
const srgbCurve = parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)

/** A profile of a monitor, version 2.1. */
function profile({ primaries = srgbPrimaries, curve = srgbCurve, space = 'RGB ', more = {} } = {}): Buffer {
  const xyz = primaries.map((values) => Buffer.concat([Buffer.from('XYZ \0\0\0\0'), ...values.map(fixed)]))
  const tags = Object.entries({
    ...{ rXYZ: xyz[0]!, gXYZ: xyz[1]!, bXYZ: xyz[2]! },
    ...{ rTRC: curve, gTRC: curve, bTRC: curve },
    ...more,
  })
  let end = 132 + tags.length * 12
  const directory = tags.map(([name, data]) => {
    const entry = Buffer.concat([Buffer.from(name), uint32(end), uint32(data.length)])
    end += data.length
    return entry
  })
  const header = Buffer.alloc(128)
  header.writeUInt32BE(end, 0)
  header.writeUInt32BE(0x02100000, 8)
  header.write(`mntr${space}XYZ `, 12)
  header.write('acsp', 36)
  Buffer.concat([fixed(0.9642), fixed(1), fixed(0.8249)]).copy(header, 68)
  return Buffer.concat([header, uint32(tags.length), ...directory, ...tags.map(([, data]) => data)])
}

test.each([
  ['a curve by its formula', profile()],
  ['a curve by a table', profile({ curve: table(lightOf) })],
  ['a short table', profile({ curve: table(lightOf, 64) })],
])('%s is sRGB', (_, bytes) => expect(isSrgbProfile(bytes)).toBe(true))

test.each([
  ['other primaries', profile({ primaries: p3Primaries })],
  ['a gamma', profile({ curve: gamma(2.2) })],
  ['a gamma by a table', profile({ curve: table((value) => value ** 2.2) })],
  ['a gamma by a formula', profile({ curve: parametric(0, 2.4) })],
  ['a table of two', profile({ curve: table((value) => value, 2) })],
  ['a table of colours beside it', profile({ more: { A2B0: Buffer.from('mft2') } })],
  ['no curves', profile({ curve: Buffer.from('text\0\0\0\0curve') })],
  ['grey', profile({ space: 'GRAY' })],
  ['nothing', Buffer.alloc(0)],
])('%s is not', (_, bytes) => expect(isSrgbProfile(bytes)).toBe(false))

test('a profile that ends too early is not, wherever it ends', () => {
  const whole = profile()
  for (let length = 0; length < whole.length; length++)
    expect(isSrgbProfile(whole.subarray(0, length)), `${length}`).toBe(false)
})

test('one that lies behind other bytes is read from its own beginning', () => {
  const behind = Buffer.concat([Buffer.alloc(1000, 7), profile()])
  expect(isSrgbProfile(behind.subarray(1000))).toBe(true)
})

const photo = () => sharp({ create: { width: 16, height: 16, channels: 3, background: '#646464' } })
const withProfile = (jpeg: Buffer, icc: Buffer, piece = [1, 1]) =>
  Buffer.concat([
    jpeg.subarray(0, 2),
    Buffer.from([0xff, 0xe2]),
    uint16(icc.length + 16),
    Buffer.from('ICC_PROFILE\0'),
    Buffer.from(piece),
    icc,
    jpeg.subarray(2),
  ])
const grey = async (jpeg: Buffer) => (await openPicture(jpeg).raw().toBuffer())[0]

test('a JPEG tells its profile, unless that is in pieces or there are two', async () => {
  const jpeg = await photo().jpeg().toBuffer()
  expect(readJpegHeader(jpeg)).toEqual({ width: 16, height: 16 })
  const tagged = withProfile(jpeg, profile())
  expect(Buffer.from(readJpegHeader(tagged)!.profile!)).toEqual(profile())
  expect(readJpegHeader(withProfile(jpeg, profile(), [1, 2]))).toEqual({ width: 16, height: 16 })
  expect(readJpegHeader(withProfile(tagged, profile()))).toBeUndefined()
})

test('sharp’s own sRGB is sRGB, its Display P3 is not', async () => {
  const told = async (name: string) =>
    isSrgbProfile(readJpegHeader(await photo().withIccProfile(name).jpeg().toBuffer())!.profile!)
  expect([await told('srgb'), await told('p3')]).toEqual([true, false])
})

test('a picture in sRGB is not converted, one in another space is', async () => {
  const jpeg = await photo().jpeg().toBuffer()
  // All values a little brighter, as only a conversion would show.
  const nearly = profile({ curve: table((value) => lightOf(value + 0.7 / 255)) })
  const brighter = profile({ curve: table((value) => lightOf(value + 3 / 255)) })
  expect(await grey(jpeg)).toBe(100)
  expect(await grey(withProfile(jpeg, nearly))).toBe(100)
  expect(await sharp(withProfile(jpeg, nearly)).raw().toBuffer()).toContain(101)
  expect(await grey(withProfile(jpeg, brighter))).toBe(103)
})

/** Damaged files of every format: truncated, with flipped bits, and only their first bytes. */
import sharp from 'sharp'
import type { HostileCase } from '../hostile-case.ts'

const formats = ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const
type Format = (typeof formats)[number]

const made = new Map<Format, Promise<Buffer>>()

/** 96 x 64 px of deterministic noise, so that every bit of its file matters. */
function noisy(format: Format): Promise<Buffer> {
  const known = made.get(format)
  if (known) return known
  const [width, height] = [96, 64]
  const next = random(7)
  const pixels = Buffer.from(Array.from({ length: width * height * 3 }, () => next() & 255))
  const picture = sharp(pixels, { raw: { width, height, channels: 3 } })
  const bytes = (format === 'avif' ? picture.avif({ effort: 0 }) : picture.toFormat(format)).toBuffer()
  made.set(format, bytes)
  return bytes
}

/** Mulberry32. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

const refused =
  /^(422 (image_truncated|not_an_image|unsupported_format|too_many_pixels|too_many_frames)|failed (image_truncated|unsupported_format|too_many_pixels))$/
const madeOrRefused = new RegExp(`^succeeded$|${refused.source}`)

/** Copies with one flipped bit each. */
function flipped(bytes: Buffer, seed: number, copies: number, within = bytes.length): Buffer[] {
  const next = random(seed)
  return Array.from({ length: copies }, () => {
    const copy = Buffer.from(bytes)
    const at = next() % within
    copy[at]! ^= 1 << (next() & 7)
    return copy
  })
}

/** The first unexpected outcome, otherwise the last one. */
async function worst(attacks: Promise<string>[], fine: RegExp): Promise<string> {
  const outcomes = await Promise.all(attacks)
  return outcomes.find((outcome) => !fine.test(outcome)) ?? outcomes.at(-1)!
}

export const damage: HostileCase[] = formats.flatMap((format): HostileCase[] => [
  {
    name: `${format}, truncated in the middle`,
    expected: refused,
    attack: async (t) => {
      const whole = await noisy(format)
      return await t.resize(whole.subarray(0, Math.floor(whole.length * 0.5)))
    },
  },
  {
    name: `${format}, only its first 16 bytes`,
    expected: refused,
    attack: async (t) => await t.resize((await noisy(format)).subarray(0, 16)),
  },
  {
    name: `${format}, six copies with a flipped bit in the header`,
    expected: madeOrRefused,
    attack: async (t) =>
      await worst(
        flipped(await noisy(format), 11, 6, 64).map((bytes) => t.resize(bytes)),
        madeOrRefused,
      ),
  },
  {
    name: `${format}, six copies with a flipped bit anywhere`,
    expected: madeOrRefused,
    attack: async (t) =>
      await worst(
        flipped(await noisy(format), 13, 6).map((bytes) => t.resize(bytes)),
        madeOrRefused,
      ),
  },
])

damage.push(
  { name: 'zero bytes', expected: '422 empty_input', attack: (t) => t.upload(new Uint8Array()) },
  { name: 'one byte', expected: '422 not_an_image', attack: (t) => t.upload(Buffer.of(0xff)) },
  {
    name: '1 MB of zeros',
    expected: '422 not_an_image',
    attack: (t) => t.upload(new Uint8Array(1e6), 'image/jpeg'),
  },
)

/** All parsers of untrusted input besides routes: each may only fail with its own errors. */
import { defaultPayloadConverter } from '@temporalio/common'
import fc from 'fast-check'
import sharp from 'sharp'
import { bulkSources } from '../../activities/bulk-items.ts'
import { variables } from '../../adapters/environment/variables.ts'
import { EnvironmentError, loadEnvironment } from '../../adapters/environment.ts'
import { parseAllowedHost } from '../../adapters/guarded-fetch/allowed-hosts.ts'
import { createGuardedFetch, FetchError } from '../../adapters/guarded-fetch/guarded-fetch.ts'
import { specialRange } from '../../adapters/guarded-fetch/public-address.ts'
import { checkKey } from '../../adapters/object-store/key.ts'
import { InvalidKey } from '../../adapters/object-store/object-store.ts'
import { EncryptionCodec } from '../../adapters/payloads/encryption.ts'
import { PayloadError } from '../../adapters/payloads/payload-error.ts'
import { byteRange } from '../../api/http/byte-range.ts'
import { isKnown } from '../../api/http/entity-tag.ts'
import { preferredWait } from '../../api/http/preferred-wait.ts'
import { parseOptions } from '../../api/img/options.ts'
import { isAllowedSource, parseSource } from '../../api/img/source.ts'
import { decodeBase64 } from '../../api/input/base64.ts'
import { idempotencyKey } from '../../api/jobs/idempotency.ts'
import { jobTypeOf } from '../../api/jobs/job-id.ts'
import { validateRequest } from '../../api/legacy/validate-request.ts'
import { Problem } from '../../api/problems.ts'
import { webhook } from '../../api/schemas/job-request.ts'
import { decodePlan, PictureError, type ResizeOptions, resizePicture } from '../../engine/index.ts'
import { inspectPicture } from '../../engine/picture.ts'
import { keptMetadata } from '../../engine/resize/kept-metadata.ts'
import { readSegmentIndex, SegmentCorrupt } from '../../engine/tile-segment.ts'
import { junk, number, text } from './from-schema.ts'

export interface Parser {
  name: string
  /** Weight among all targets. */
  weight: number
  /** One attempt. @returns whether it was accepted @throws for a bug */
  attempt: fc.Arbitrary<() => boolean | Promise<boolean>>
}

type Refusal = abstract new (...args: never[]) => Error

function parser<T>(
  name: string,
  weight: number,
  given: fc.Arbitrary<T>,
  parse: (value: T) => unknown,
  ...refusals: Refusal[]
): Parser {
  const attempt = given.map((value) => async () => {
    try {
      return (await parse(value)) !== undefined
    } catch (error) {
      if (error instanceof Problem && error.status >= 500) throw error
      if (refusals.some((kind) => error instanceof kind)) return false
      throw new Error(`${name}: ${String(error)} for ${fc.stringify(value).slice(-400)}`, { cause: error })
    }
  })
  return { name, weight, attempt }
}

function expectThat(fine: boolean, what: string): void {
  if (!fine) throw new TypeError(`expected ${what}`)
}

const anyKey = Buffer.alloc(32, 7).toString('base64')

/** Changes, cuts or duplicates some bytes. */
const mutated = (bytes: Buffer): fc.Arbitrary<Buffer> =>
  fc
    .array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 3 })), {
      minLength: 1,
      maxLength: 4,
    })
    .map((changes) =>
      changes.reduce((so, [where, value, how]) => {
        if (so.length === 0) return so
        const at = where % so.length
        const copy = Buffer.from(so)
        if (how === 0) copy[at]! ^= 1 << (value & 7)
        else if (how === 1) copy[at] = value
        else if (how === 2) return copy.subarray(0, at)
        else return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.max(0, at - value))])
        return copy
      }, bytes),
    )

const imgWords = (
  'resize rs size s resizing_type rt width w height h dpr enlarge el extend ex gravity g trim t rotate rot flip fl ' +
  'background bg blur bl sharpen sh grayscale gs tint tn round_corners rc watermark_text wmt quality q lossless ll ' +
  'progressive pg effort ef chroma ch max_bytes mb format f ext animated an strip_metadata sm expires exp cachebuster cb ' +
  'preset pr'
).split(' ')
const imgArgument = fc.oneof(
  fc.constantFrom(
    'fit',
    'fill',
    'force',
    'no',
    'fp',
    'sm',
    '0',
    '1',
    't',
    '300',
    '0.5',
    'ff0000',
    'max',
    'jpg',
    'avif',
    '',
  ),
  number.map(String),
  text,
)
const imgSegments = fc.array(
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc
        .tuple(fc.constantFrom(...imgWords), fc.array(imgArgument, { maxLength: 5 }))
        .map((parts) => parts.flat().join(':')),
    },
    { weight: 1, arbitrary: text },
  ),
  { maxLength: 4 },
)

const address = fc.oneof(
  fc.webUrl(),
  fc.ipV4().map((ip) => `http://${ip}/`),
  fc.ipV6().map((ip) => `http://[${ip}]/`),
  fc.nat(2 ** 32 - 1).map((ip) => `http://${ip}/`),
  fc
    .tuple(fc.constantFrom('0x', '0', ''), fc.nat(2 ** 32 - 1))
    .map(([sign, ip]) => `http://${sign}${ip.toString(sign === '0x' ? 16 : 8)}/`),
  fc.tuple(fc.webUrl(), text).map(([url, more]) => url + more),
  text,
)

/** Without lookups and connections: only the guard's own decisions are tested. */
const guarded = createGuardedFetch({
  timeoutMs: 2_000,
  resolve: (_, __, callback) => callback(Object.assign(new Error('none'), { code: 'ENOTFOUND' }), []),
})

const plan = {
  ...{ format: 'mosaicme-plan', version: 1, options: {}, target: { width: 16, height: 8 } },
  grid: { columns: 2, rows: 1, cell: 8 },
  tiles: {
    set: 's',
    used: [
      { id: 'a', source: 'a' },
      { id: 'b', source: 'b', author: { name: 'Ada' } },
    ],
  },
  ...{ fidelity: { k1: 1, k2: 1, k4: 1 }, cells: [0, 1], scores: [10, 20] },
}

/** Replaces a value of an object, at any depth. */
const altered = (value: unknown): fc.Arbitrary<unknown> => {
  if (typeof value !== 'object' || value === null) return junk
  const keys = Object.keys(value)
  if (keys.length === 0) return junk
  return fc
    .constantFrom(...keys)
    .chain((key) =>
      fc
        .oneof(junk, altered((value as Record<string, unknown>)[key]))
        .map((inner) =>
          Array.isArray(value) ? Object.assign([...value], { [key]: inner }) : { ...value, [key]: inner },
        ),
    )
}

const side = fc.integer({ min: 1, max: 48 })
const share = fc.double({ min: 0, max: 1, noNaN: true })
const colours = fc.constantFrom(
  '#fc0',
  '#ffcc0080',
  'tomato',
  'rgb(255 204 0)',
  'hsl(10 20% 30%)',
  'transparent',
  '#0000',
)
/** Without AVIF, whose encoding is too slow for thousands. */
const outputFormats = fc.constantFrom('jpeg', 'png', 'webp', 'gif', 'tiff')
const resizes = fc.record(
  {
    ...{ width: side, height: side, format: outputFormats, quality: fc.integer({ min: 1, max: 100 }) },
    fit: fc.constantFrom('cover', 'contain', 'fill', 'inside', 'outside'),
    gravity: fc.constantFrom('centre', 'north', 'southeast', 'attention', 'entropy'),
    focus: fc.record({ x: share, y: share }),
    ...{ withoutEnlargement: fc.boolean(), dpr: fc.double({ min: 0.1, max: 3, noNaN: true }) },
    ...{ lossless: fc.boolean(), progressive: fc.boolean(), effort: fc.integer({ min: 0, max: 6 }) },
    ...{ chroma: fc.constantFrom('4:2:0', '4:4:4'), maxBytes: fc.integer({ min: 100, max: 5_000 }) },
    rotate: fc.oneof(fc.constantFrom(0, 90, -90, 180, 360), fc.double({ min: -360, max: 360, noNaN: true })),
    flip: fc.constantFrom('horizontal', 'vertical', 'both'),
    trim: fc.oneof(
      fc.boolean(),
      fc.record({ threshold: fc.integer({ min: 0, max: 255 }), colour: colours }, { requiredKeys: [] }),
    ),
    ...{ background: colours, tint: colours, grayscale: fc.boolean() },
    blur: fc.double({ min: 0.3, max: 20, noNaN: true }),
    sharpen: fc.oneof(fc.boolean(), fc.double({ min: 0.1, max: 10, noNaN: true })),
    radius: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant('max')),
    ...{ exif: fc.constantFrom('strip', 'keep'), animated: fc.boolean() },
    watermark: fc.record(
      {
        text: fc.string({ minLength: 1, maxLength: 8 }),
        opacity: share,
        margin: fc.integer({ min: 0, max: 40 }),
        size: fc.double({ min: 0.01, max: 1, noNaN: true }),
      },
      { requiredKeys: ['text'] },
    ),
  },
  { requiredKeys: ['width'] },
)

/** @param segment a tile segment's bytes */
export async function parsers(segment: Uint8Array): Promise<Parser[]> {
  const small = sharp({
    create: { width: 24, height: 16, channels: 4, background: { r: 200, g: 90, b: 10, alpha: 0.6 } },
  })
  const exif = { IFD0: { Artist: 'Ada', Make: 'Camera' }, IFD2: { ExposureTime: '1/250' } }
  const pictures = await Promise.all([
    ...(['jpeg', 'png', 'webp', 'gif', 'tiff'] as const).map((format) =>
      small.clone().withExif(exif).toFormat(format).toBuffer(),
    ),
    small.clone().avif({ effort: 0 }).toBuffer(),
  ])
  const picture = fc.constantFrom(...pictures)
  const segmentBytes = Buffer.from(segment)
  const codec = new EncryptionCodec([{ id: 'a', secret: anyKey }])
  const [sealed] = await codec.encode([defaultPayloadConverter.toPayload({ photo: 'mine' })])

  return [
    parser('img options', 6, imgSegments, (segments) => parseOptions(segments, undefined, {}), Problem),
    parser(
      'img sources',
      3,
      fc.array(fc.oneof(fc.constantFrom('plain', 'upload:'), address, text), { maxLength: 3 }),
      (segments) => {
        const { source } = parseSource(segments)
        return 'url' in source ? String(isAllowedSource(source.url, ['https://a.example/photos/'])) : source
      },
      Problem,
    ),
    parser(
      'range headers',
      5,
      fc.tuple(
        fc.oneof(
          fc
            .tuple(fc.oneof(fc.nat(), fc.constant('')), fc.oneof(fc.nat(), fc.constant('')))
            .map(([a, b]) => `bytes=${a}-${b}`),
          fc.tuple(number, number).map(([a, b]) => `bytes=${a}-${b}`),
          text,
        ),
        fc.nat(5_000),
      ),
      ([header, size]) => {
        const range = byteRange(header, size)
        if (typeof range === 'object')
          expectThat(
            range.start >= 0 && range.start <= range.end && range.end < size,
            `a range within ${size}, got ${range.start}-${range.end}`,
          )
        return range
      },
    ),
    parser(
      'Prefer',
      2,
      fc.oneof(
        text,
        text.map((value) => `wait=${value}`),
      ),
      preferredWait,
      Problem,
    ),
    parser('If-None-Match', 1, text, (value) => isKnown(value, '"a"') || undefined),
    parser('Idempotency-Key', 1, text, idempotencyKey, Problem),
    parser('job IDs', 1, text, jobTypeOf),
    parser(
      'base64',
      3,
      fc.oneof(
        text,
        fc.base64String(),
        fc.tuple(fc.base64String(), text, fc.base64String()).map((parts) => parts.join('')),
      ),
      (value) => decodeBase64(value, '/input/base64'),
      Problem,
    ),
    parser('webhooks', 3, address, (value) => {
      const parsed = webhook.safeParse(value)
      if (!parsed.success) return undefined
      // The workflow names its host.
      return new URL(parsed.data ?? '').host
    }),
    parser(
      'PictureResizeApi bodies',
      2,
      fc.dictionary(fc.constantFrom('image', 'width', 'height', '__proto__'), junk),
      validateRequest,
    ),
    parser('addresses to fetch', 2, address, (url) => guarded(url), FetchError),
    parser(
      'allowed hosts',
      1,
      fc.oneof(
        text,
        fc.domain(),
        fc.ipV6().map((ip) => `[${ip}]:80`),
      ),
      parseAllowedHost,
    ),
    parser('IP addresses', 2, fc.oneof(fc.ipV4(), fc.ipV6(), fc.ipV4Extended(), text), specialRange),
    parser(
      'keys of the store',
      2,
      fc.oneof(
        text,
        fc.array(text).map((parts) => parts.join('/')),
      ),
      (key) => {
        checkKey('in', key)
        expectThat(!key.split('/').includes('..'), `no way up in ${key}`)
        return key
      },
      InvalidKey,
    ),
    parser(
      'the environment',
      1,
      fc.dictionary(fc.constantFrom(...Object.keys(variables)), fc.oneof(text, number.map(String)), {
        maxKeys: 6,
      }),
      loadEnvironment,
      EnvironmentError,
    ),
    parser(
      'keys of the API and of payloads',
      2,
      fc.tuple(
        fc.constantFrom('API_KEYS', 'PAYLOAD_KEYS'),
        fc.array(fc.oneof(fc.constantFrom('ada', 'read', 'submit+read', 'rate=1/s', 'sha256', anyKey), text)),
      ),
      ([name, parts]) => {
        const text = parts.join(':')
        const { apiKeys } = loadEnvironment({ [name]: text })
        // A colon gives an entry scopes, a comma separates entries.
        expectThat(
          !text.includes(':') ||
            text.includes(',') ||
            apiKeys.every(({ scopes }) => !scopes.includes('operate')),
          'scopes of its own',
        )
        return apiKeys
      },
      EnvironmentError,
    ),
    parser(
      'encrypted payloads',
      3,
      mutated(Buffer.from(sealed!.data!)),
      async (data) => {
        const [payload] = await codec.decode([{ ...sealed, data }])
        return payload
      },
      PayloadError,
    ),
    parser(
      'plan.json',
      4,
      altered(plan),
      (value) => decodePlan(Buffer.from(JSON.stringify(value) ?? '')),
      PictureError,
    ),
    parser('plan.json, its bytes', 2, mutated(Buffer.from(JSON.stringify(plan))), decodePlan, PictureError),
    parser(
      'lists of bulk jobs',
      2,
      altered([
        { name: 'a', source: { url: 'http://a/' } },
        { name: 'b', source: { object: { bucket: 'in', key: 'k' } } },
      ]),
      (value) => bulkSources.safeParse(value).data,
    ),
    parser(
      'tile segments',
      3,
      mutated(segmentBytes),
      (bytes) => readSegmentIndex('it', async (start, end) => bytes.subarray(start, end + 1)),
      SegmentCorrupt,
    ),
    parser('heads of pictures', 6, picture.chain(mutated), (bytes) => inspectPicture(bytes), PictureError),
    parser('EXIF', 2, mutated(pictures[0]!), async (bytes) => await keptMetadata(bytes).catch(noPicture)),
    parser(
      'resizes of whole pictures',
      2,
      fc.tuple(picture, resizes),
      async ([bytes, options]) => {
        const made = await resizePicture(bytes, options as ResizeOptions)
        const { width, height } = await sharp(made.bytes).metadata()
        expectThat(made.width === width && made.height === height, 'the size that was told')
        return made
      },
      PictureError,
    ),
    parser(
      'resizes of damaged pictures',
      2,
      picture.chain(mutated),
      (bytes) => resizePicture(bytes, { width: 8 }),
      PictureError,
    ),
  ]
}

/** sharp's own errors about bytes that are no picture. */
function noPicture(error: unknown): undefined {
  if (error instanceof Error && error.constructor === Error) return undefined
  throw error
}

/** The options of a signed address, in imgproxy's words: `rs:fill:300:200/g:no/q:80`. `docs/IMG.md` has them all. */
import { z } from '@hono/zod-openapi'
import { Problem } from '../problems.ts'
import { type Presets, type ResizeRequest, resizeOptions } from '../schemas/resize-request.ts'

export interface ImgOptions {
  resize: ResizeRequest
  /** Unix time after which the address is no longer good, seconds. */
  expires?: number
  /** Makes another picture of the same options: for a source that has changed. */
  cachebuster?: string
}

type Given = Record<string, unknown>
type Read = (args: string[], given: Given) => Given

const number = (text: string | undefined) => (text === undefined || text === '' ? undefined : Number(text))
/** imgproxy's 0: as wide, or as high, as it comes. */
const side = (text: string | undefined) => number(text) || undefined
const flag = (text: string | undefined) =>
  text === undefined || text === '' ? undefined : /^(1|t|true)$/i.test(text)
const colour = (args: string[]) => (args.length === 3 ? `rgb(${args.join(' ')})` : `#${args[0]}`)

const fits: Record<string, Given> = {
  fit: { fit: 'inside' },
  fill: { fit: 'cover' },
  'fill-down': { fit: 'cover', withoutEnlargement: true },
  force: { fit: 'fill' },
  contain: { fit: 'contain' },
  outside: { fit: 'outside' },
}
const gravities: Record<string, string> = {
  ...{ no: 'north', so: 'south', ea: 'east', we: 'west', ce: 'centre', sm: 'attention', en: 'entropy' },
  ...{ noea: 'northeast', nowe: 'northwest', soea: 'southeast', sowe: 'southwest' },
}

const resizingType: Read = ([type = '']) => fits[type] ?? { fit: type }
const enlarge: Read = ([on]) => (flag(on) === undefined ? {} : { withoutEnlargement: !flag(on) })
const extend: Read = ([on], given) => (flag(on) ? { fit: given.fit === 'cover' ? 'cover' : 'contain' } : {})
const gravity: Read = ([type = '', x, y]) =>
  type === 'fp' ? { focus: { x: number(x), y: number(y) } } : { gravity: gravities[type] ?? type }
const size: Read = ([w, h, el, ex], given) => {
  const sized = { width: side(w), height: side(h), ...enlarge([el ?? ''], given) }
  return { ...sized, ...extend([ex ?? ''], { ...given, ...sized }) }
}
const just =
  (name: string, read: (text: string | undefined) => unknown): Read =>
  ([value]) => ({ [name]: read(value) })

/** Long and short names. */
const readers: Record<string, Read> = named({
  'resize rs': ([type, ...rest], given) => {
    const fit = type === undefined || type === '' ? {} : resizingType([type], given)
    return {
      ...fit,
      ...size(rest, { ...given, ...fit }),
      ...(type === 'fill-down' && { withoutEnlargement: true }),
    }
  },
  'size s': size,
  'resizing_type rt': resizingType,
  'width w': just('width', side),
  'height h': just('height', side),
  dpr: just('dpr', number),
  'enlarge el': enlarge,
  'extend ex': extend,
  'gravity g': gravity,
  'trim t': ([threshold, hex]) => ({
    trim: {
      ...(threshold && { threshold: number(threshold) }),
      ...(hex && { colour: `#${hex}` }),
    },
  }),
  'rotate rot': just('rotate', number),
  'flip fl': ([x, y]) => {
    const [horizontal, vertical] = [flag(x), flag(y)]
    return {
      flip: horizontal && vertical ? 'both' : horizontal ? 'horizontal' : vertical ? 'vertical' : undefined,
    }
  },
  'background bg': (args) => ({ background: args[0] ? colour(args) : undefined }),
  'blur bl': just('blur', side),
  'sharpen sh': just('sharpen', side),
  'grayscale gs': just('grayscale', flag),
  'tint tn': (args) => ({ tint: colour(args) }),
  'round_corners rc': ([radius]) => ({ radius: radius === 'max' ? radius : side(radius) }),
  'watermark_text wmt': ([text = '', opacity, position]) => ({
    watermark: {
      text: Buffer.from(text, 'base64url').toString(),
      ...(opacity && { opacity: number(opacity) }),
      ...(position && { gravity: gravities[position] ?? position }),
    },
  }),
  'quality q': just('quality', side),
  'lossless ll': just('lossless', flag),
  'progressive pg': just('progressive', flag),
  'effort ef': just('effort', number),
  'chroma ch': ([value]) => ({ chroma: value?.split('').join(':') }),
  'max_bytes mb': just('maxBytes', side),
  'format f ext': just('format', formatOf),
  'animated an': just('animated', flag),
  'strip_metadata sm': ([on]) => ({ exif: flag(on) === false ? 'keep' : 'strip' }),
})

function named(readers: Record<string, Read>): Record<string, Read> {
  return Object.fromEntries(
    Object.entries(readers).flatMap(([names, read]) => names.split(' ').map((name) => [name, read])),
  )
}

const formats: Record<string, string> = { jpg: 'jpeg', tif: 'tiff' }
function formatOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : (formats[text] ?? text)
}

const schema = z.strictObject(resizeOptions)

/** Those that come later win. @throws {Problem} `invalid_img_address`, naming the option */
export function parseOptions(
  segments: readonly string[],
  extension: string | undefined,
  presets: Presets,
): ImgOptions {
  // imgproxy does not enlarge unless told to.
  let given: Given = { fit: 'inside', withoutEnlargement: true }
  let expires: number | undefined
  let cachebuster: string | undefined
  for (const segment of segments) {
    const [name = '', ...args] = segment.split(':')
    if (name === 'expires' || name === 'exp') expires = number(args[0])
    else if (name === 'cachebuster' || name === 'cb') cachebuster = args.join(':')
    else if (name === 'preset' || name === 'pr')
      for (const preset of args) given = { ...given, ...presetOf(presets, preset) }
    else if (Object.hasOwn(readers, name)) given = { ...given, ...readers[name]!(args.map(decode), given) }
    else throw wrong(segment, 'there is no option of this name')
  }
  if (extension !== undefined) given = { ...given, format: formatOf(extension) }
  if (expires !== undefined && !Number.isFinite(expires)) throw wrong('expires', 'expected a Unix time')
  const parsed = schema.safeParse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  )
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw wrong(issue?.path.join('.') ?? 'options', issue?.message ?? '')
  }
  return {
    resize: parsed.data,
    ...(expires !== undefined && { expires }),
    ...(cachebuster !== undefined && { cachebuster }),
  }
}

function presetOf(presets: Presets, name: string): Given {
  if (!Object.hasOwn(presets, name)) throw wrong(`preset:${name}`, 'there is no preset of this name')
  return { ...presets[name] }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw wrong(text, 'its percent encoding is wrong')
  }
}

const wrong = (option: string, why: string) =>
  new Problem('invalid_img_address', `The option ${JSON.stringify(option.slice(0, 100))}: ${why}.`)

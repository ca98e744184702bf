/** Translates the options of a signed address from imgproxy's names to those of `POST /v1/jobs`. */
import { Problem } from '../problems.ts'

export type Given = Record<string, unknown>
type Read = (args: string[], given: Given) => Given

export const number = (text: string | undefined) =>
  text === undefined || text === '' ? undefined : Number(text)
/** imgproxy's 0 leaves the side to the picture's shape. What is not a number fails validation later. */
const side = (text: string | undefined) => (number(text) === 0 ? undefined : number(text))
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

/** `auto` is decided once the picture is known: see `make-picture.ts`. */
const resizingType: Read = ([type = '']) =>
  type === 'auto' ? { fit: 'cover', auto: true } : { ...(fits[type] ?? { fit: type }), auto: undefined }
const enlarge: Read = ([on]) => (flag(on) === undefined ? {} : { withoutEnlargement: !flag(on) })
/** `no`, `soea:10:0.1` with offsets, `fp:0.5:0.2`; empty: default. */
function placing([type, x, y]: string[]): Given {
  if (!type) return {}
  if (type === 'fp') return { focus: { x: number(x), y: number(y) } }
  const shifted = { x: number(x) ?? 0, y: number(y) ?? 0 }
  return { gravity: gravities[type] ?? type, ...((x || y) && { offset: shifted }) }
}
const gravity: Read = (args) => ({
  gravity: undefined,
  offset: undefined,
  focus: undefined,
  ...placing(args),
})
const extend =
  (to: 'size' | 'ratio'): Read =>
  ([on, ...where]) =>
    flag(on) === undefined ? {} : { extend: flag(on) ? { to, ...placing(where) } : undefined }
const size: Read = ([w, h, el, ...ex], given) => ({
  ...{ width: side(w), height: side(h) },
  ...enlarge([el ?? ''], given),
  ...extend('size')(ex, given),
})
const crop: Read = ([w, h, ...where]) => {
  const sides = { width: side(w), height: side(h) }
  return { crop: sides.width || sides.height ? { ...withoutGaps(sides), ...placing(where) } : undefined }
}
/** As in CSS: an omitted side takes the value of the opposite one. */
const padding: Read = ([t, r, b, l]) => {
  const top = number(t) ?? 0
  const right = number(r) ?? top
  return { padding: { top, right, bottom: number(b) ?? top, left: number(l) ?? right } }
}
const zoom: Read = ([x, y]) => ({ zoom: { x: number(x), y: number(y) ?? number(x) } })
/** For behaviour that cannot be turned off: asking for it changes nothing, asking for the opposite is an error. */
const always =
  (name: string, what: string): Read =>
  ([on]) => {
    if (flag(on) !== false) return {}
    throw wrong(name, what)
  }
const just =
  (name: string, read: (text: string | undefined) => unknown): Read =>
  ([value]) => ({ [name]: read(value) })

/** Long and short names. */
export const readers: Record<string, Read> = named({
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
  'extend ex': extend('size'),
  'extend_aspect_ratio extend_ar exar': extend('ratio'),
  'crop c': crop,
  'padding pd': padding,
  'zoom z': zoom,
  'auto_rotate ar': always('auto_rotate', 'pictures are always turned upright'),
  'strip_color_profile scp': always('strip_color_profile', 'pictures are always turned into sRGB'),
  'filename fn': ([name = '', encoded]) => ({
    filename: flag(encoded) ? Buffer.from(name, 'base64url').toString() : name,
  }),
  'return_attachment att': just('attachment', flag),
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
export function formatOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : (formats[text] ?? text)
}

/** Omits undefined values. */
export const withoutGaps = (given: Given): Given =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))

export const wrong = (option: string, why: string) =>
  new Problem('invalid_img_address', `The option ${JSON.stringify(option.slice(0, 100))}: ${why}.`)

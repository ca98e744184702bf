/** Parses the options of a signed address in imgproxy's syntax: `rs:fill:300:200/g:no/q:80`. See `docs/signed-addresses.md`. */
import { z } from '@hono/zod-openapi'
import { type Presets, type ResizeRequest, resizeOptions } from '../schemas/resize-request.ts'
import { formatOf, type Given, number, readers, withoutGaps, wrong } from './option-readers.ts'

export interface ImgOptions {
  resize: ResizeRequest
  /** Choose between filling the box and fitting into it by the picture's orientation. */
  auto: boolean
  /** Whether browsers should save the picture instead of showing it. `filename`: without extension. */
  attachment: boolean
  filename?: string
  /** Unix time at which the address expires, seconds. */
  expires?: number
  /** Another value makes the picture anew, for a source that has changed. */
  cachebuster?: string
}

const schema = z.strictObject(resizeOptions)

/** Later options win. @throws {Problem} `invalid_img_address`, naming the option */
export function parseOptions(
  segments: readonly string[],
  extension: string | undefined,
  presets: Presets,
): ImgOptions {
  // imgproxy's default is not to enlarge.
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
  const { auto = false, attachment = false, filename, zoom, ...asked } = given
  const parsed = schema.safeParse(withoutGaps({ ...asked, ...zoomed(asked, zoom), ...cropped(asked) }))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw wrong(issue?.path.join('.') ?? 'options', issue?.message ?? '')
  }
  return {
    resize: parsed.data,
    ...{ auto: auto === true, attachment: attachment === true },
    ...(typeof filename === 'string' && filename !== '' && { filename }),
    ...(expires !== undefined && { expires }),
    ...(cachebuster !== undefined && { cachebuster }),
  }
}

/** imgproxy's zoom multiplies the requested sides. */
function zoomed({ width, height }: Given, zoom: unknown): Given {
  if (zoom === undefined) return {}
  const { x, y } = zoom as { x?: number; y?: number }
  if (!x || !y || !(x > 0 && y > 0)) throw wrong('zoom', 'expected factors above 0')
  if (width === undefined && height === undefined)
    throw wrong('zoom', 'expected a width or a height beside it')
  const scaled = (length: unknown, by: number) =>
    typeof length === 'number' ? Math.max(1, Math.round(length * by)) : undefined
  return { width: scaled(width, x), height: scaled(height, y) }
}

/** A crop without a position uses the gravity. */
function cropped({ crop, gravity, offset, focus }: Given): Given {
  if (!crop) return {}
  const own = crop as Given
  const told = own.gravity !== undefined || own.focus !== undefined
  return { crop: told ? own : withoutGaps({ gravity, offset, focus, ...own }) }
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

/** The options of a signed address, in imgproxy's words: `rs:fill:300:200/g:no/q:80`. `docs/signed-addresses.md` has them all. */
import { z } from '@hono/zod-openapi'
import { type Presets, type ResizeRequest, resizeOptions } from '../schemas/resize-request.ts'
import { formatOf, type Given, number, readers, withoutGaps, wrong } from './option-readers.ts'

export interface ImgOptions {
  resize: ResizeRequest
  /** Whether to fill the box or to fit into it: whichever keeps the picture upright, or lying, as it is. */
  auto: boolean
  /** Whether the picture is to be saved, and under which name, extension aside. */
  attachment: boolean
  filename?: string
  /** Unix time after which the address is no longer good, seconds. */
  expires?: number
  /** Makes another picture of the same options: for a source that has changed. */
  cachebuster?: string
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

/** imgproxy's zoom: of the sides that were asked for. */
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

/** A crop that says not where is where the gravity is. */
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

/** Turns a resize request into the job's parameters: fills in presets, `auto` and defaults. */
import * as layout from '../../adapters/object-store/layout.ts'
import type { OutputFormat } from '../../engine/resize/options.ts'
import type { ResizeParams } from '../../workflows/contract/job.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { wrongValue } from '../problems.ts'
import { isSized, noSide, type Presets, type ResizeRequest } from '../schemas/resize-request.ts'
import { decodeBase64 } from './base64.ts'
import { findUpload, storeUpload } from './stored-upload.ts'

export interface AskedHow {
  /** The request's `Accept`. */
  accept: string | undefined
  /** Format of the original, if known. */
  format: string | undefined
  /** Where the options are in the request. */
  pointer: string
  presets: Presets
}

export async function resizeParams(
  deps: ApiDependencies,
  request: ResizeRequest,
  how: AskedHow,
): Promise<ResizeParams> {
  const { preset: _, watermark, outputs, ...asked } = withPreset(request, how)
  const format = chooseFormat(asked.format, how)
  // Outputs may have different formats, each with its own default.
  const quality = asked.quality ?? (outputs ? undefined : format === 'avif' ? 60 : 80)
  return {
    ...defined(asked),
    ...{ fit: asked.fit ?? 'cover', format, withoutEnlargement: asked.withoutEnlargement ?? false },
    ...(quality !== undefined && { quality }),
    ...(watermark && { watermark: await resolveMark(deps, watermark, how.pointer) }),
    ...(outputs && {
      outputs: outputs.map(({ format: own, ...output }) => ({
        ...(defined(output) as typeof output & { name: string }),
        ...(own && { format: chooseFormat(own, how) }),
      })),
    }),
  } as ResizeParams
}

function withPreset({ preset, ...asked }: ResizeRequest, { presets, pointer }: AskedHow): ResizeRequest {
  if (preset === undefined) return asked
  if (!Object.hasOwn(presets, preset))
    throw wrongValue(
      'invalid_request',
      `${pointer}/preset`,
      `There is no preset named ${JSON.stringify(preset)}.`,
    )
  const merged = { ...presets[preset], ...defined(asked) }
  if (!isSized({ type: 'resize', ...merged }))
    throw wrongValue('invalid_request', `${pointer}/width`, noSide.error)
  return merged
}

/** Chooses by `Accept`. Browsers name the newer formats explicitly; `*` does not count for these. */
function chooseFormat(
  asked: ResizeRequest['format'],
  { accept = '', format }: Pick<AskedHow, 'accept' | 'format'>,
): OutputFormat {
  if (asked !== undefined && asked !== 'auto') return asked
  if (asked === 'auto') {
    if (/image\/avif(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accept)) return 'avif'
    if (/image\/webp(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accept)) return 'webp'
    // Keep transparency where the original format has it.
    return format === undefined || format === 'jpeg' || format === 'tiff' ? 'jpeg' : 'png'
  }
  return format === 'png' || format === 'webp' || format === 'avif' || format === 'gif' ? format : 'jpeg'
}

async function resolveMark(
  deps: ApiDependencies,
  { image, text, ...mark }: NonNullable<ResizeRequest['watermark']>,
  pointer: string,
) {
  if (!image) return { ...mark, ...(text !== undefined && { text }) }
  const at = `${pointer}/watermark/image`
  const { sha256 } =
    image.upload === undefined
      ? await storeUpload(deps, decodeBase64(image.base64 ?? '', `${at}/base64`), `${at}/base64`)
      : await findUpload(deps, image.upload, `${at}/upload`)
  return { ...mark, image: layout.upload(sha256) }
}

/** Omits undefined values, which would hide the ones that they override. */
const defined = <T extends object>(object: T) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>

/** Requests for resizes: the engine's options, and those of the service. Defaults are applied later. */
import { z } from '@hono/zod-openapi'
import {
  encoding,
  formats,
  outputName,
  outputsAtMost,
  sizing,
  treatment,
  watermark,
} from '../../engine/resize/options.ts'

/** Pixels, as requested: before `dpr` applies. */
const longestSide = 8192
const side = z.int().min(1).max(longestSide).optional()
const sides = { width: side.describe('Pixels. At least one of the two.'), height: side }

const format = z
  .enum([...formats, 'auto'])
  .optional()
  .openapi({
    description:
      "`auto`: the best that the request's `Accept` names of AVIF and WebP. Default: as the picture came when it can be " +
      'written so, else JPEG.',
  })

const markPicture = z
  .strictObject({
    base64: z.string().optional(),
    upload: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'Expected the hash that POST /v1/uploads returned: 64 hexadecimal digits')
      .optional(),
  })
  .refine((image) => (image.base64 === undefined) !== (image.upload === undefined), {
    error: 'Expected exactly one of base64, upload',
  })

const mark = watermark
  .extend({ image: markPicture.optional() })
  .refine((one) => (one.text === undefined) !== (one.image === undefined), {
    error: 'Expected exactly one of text, image',
  })
  .openapi('Watermark')

const output = z
  .strictObject({ name: outputName, ...sizing, ...sides, ...encoding, format })
  .openapi('ResizeOutput')

export const resizeOptions = {
  preset: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe(
      'A named set of options that the service is configured with. Other options of the request take precedence.',
    ),
  ...{ ...sizing, ...sides, ...encoding, format, ...treatment },
  watermark: mark.optional(),
  outputs: z
    .array(output)
    .min(1)
    .max(outputsAtMost)
    .optional()
    .openapi({
      description:
        'Several results from one picture, which is decoded once. Each has the options of the request unless it overrides them; ' +
        '`result` is the first one.',
    }),
}

const asked = z.strictObject(resizeOptions)
export type ResizeRequest = z.infer<typeof asked>

/** Named sets of options, as configured by an operator. */
export const presets = z.record(z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/), asked.omit({ preset: true }))
export type Presets = z.infer<typeof presets>

const hasSide = ({ width, height, outputs }: ResizeRequest) =>
  outputs === undefined
    ? width !== undefined || height !== undefined
    : outputs.every((own) => (own.width ?? own.height ?? width ?? height) !== undefined)

/** For `refine`. A preset may provide the size. */
export const isSized = (request: { type: string } & Partial<ResizeRequest>) =>
  request.type !== 'resize' || request.preset !== undefined || hasSide(request)
export const noSide = { error: 'Expected a width, a height or both', path: ['width'] }

/** Forms with a picture in the part `image`, and parameters as JSON in the part `job`. */
import type { Context } from 'hono'
import type { z } from 'zod'
import type { PictureInfo } from '../../engine/picture.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { Problem } from '../problems.ts'
import { alsoForm } from '../schemas/parameters.ts'
import { parse } from '../validation.ts'
import { bytesOf, fileParts, isForm, jsonPart, onlyParts, readForm } from './form.ts'
import { inspectedPicture } from './stored-upload.ts'

/**
 * The body of such a request, for the API's description.
 * @param job a registered schema
 * @param beside optional further pictures: names of their parts, and what they are
 */
export const pictureForm = (job: string, beside: Record<string, string> = {}) => ({
  required: true,
  content: alsoForm({
    type: 'object',
    required: ['image', 'job'],
    properties: {
      image: { type: 'string', format: 'binary' },
      ...Object.fromEntries(
        Object.entries(beside).map(([part, description]) => [
          part,
          { type: 'string', format: 'binary', description },
        ]),
      ),
      job: { $ref: `#/components/schemas/${job}` },
    },
  }),
})

export interface PictureForm<Request, Beside extends string> {
  request: Request
  picture: Uint8Array
  info: PictureInfo
  beside: Partial<Record<Beside, Uint8Array>>
}

/**
 * @param options.absent value for a form without the part `job`; without it, the part is required
 * @param options.beside names of parts with optional further pictures
 * @throws {Problem} if the body is no such form, does not match the schema, or contains no picture
 */
export async function readPictureForm<Request, Beside extends string = never>(
  deps: ApiDependencies,
  c: Context,
  schema: z.ZodType<Request>,
  options: { absent?: unknown; beside?: readonly Beside[] } = {},
): Promise<PictureForm<Request, Beside>> {
  const { absent, beside: allowed = [] } = options
  if (!isForm(c))
    throw new Problem(
      'unsupported_media_type',
      "Expected a form with the parts image and job (curl -F image=@photo.jpg -F 'job={}').",
    )
  const form = await readForm(c)
  onlyParts(form, ['image', ...allowed, 'job'])
  const request = await parse(schema, await jsonPart(form, 'job', absent), '/job')
  const { picture, info } = await readPicture(deps, form, 'image')
  const beside: PictureForm<Request, Beside>['beside'] = {}
  for (const part of allowed) if (form.has(part)) beside[part] = (await readPicture(deps, form, part)).picture
  return { request, picture, info, beside }
}

async function readPicture(deps: ApiDependencies, form: FormData, part: string) {
  const [file] = fileParts(form, part)
  const picture = await bytesOf(file!)
  return { picture, info: await inspectedPicture(deps, picture, `/${part}`) }
}

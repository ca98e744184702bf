/** From a request's body to what a workflow is started with. */
import type { Context } from 'hono'
import type { MosaicJob, MosaicParams, ResizeJob, ResizeParams } from '../../workflows/contract/job.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { wrongValue } from '../problems.ts'
import {
  defaultLibrary,
  type FormJobRequest,
  formJobRequest,
  type JobRequest,
  jobRequest,
} from '../schemas/job-request.ts'
import { parse } from '../validation.ts'
import { bytesOf, fileParts, jsonPart, onlyParts, readForm } from './form.ts'
import { type ResolvedPicture, resolvePicture } from './picture-input.ts'

export type PreparedJob = (
  | { type: 'mosaic'; arg: MosaicJob; params: MosaicParams }
  | { type: 'resize'; arg: ResizeJob; params: ResizeParams }
) & {
  metadata?: Record<string, string>
  /** Tells one picture from another, whichever way it came. */
  identity: string
}

/** `multipart/form-data`: the picture in `image`, the rest as JSON in `job`; without the one, the other has `input`. */
export async function prepareForm(c: Context, deps: ApiDependencies): Promise<PreparedJob> {
  const form = await readForm(c)
  onlyParts(form, ['image', 'job'])
  const job = await jsonPart(form, 'job')
  if (!form.has('image')) {
    const request = await parse(jobRequest, job, '/job')
    await refuseUnknownLibrary(deps, request, '/job/library')
    return prepare(request, await resolvePicture(deps, request.input, '/job/input'), '/job')
  }
  const request = await parse(formJobRequest, job, '/job')
  await refuseUnknownLibrary(deps, request, '/job/library')
  const [image, ...more] = fileParts(form, 'image')
  if (more.length > 0) throw wrongValue('invalid_request', '/image', 'Expected one picture.')
  return prepare(request, await resolvePicture(deps, { bytes: await bytesOf(image!) }, '/image'), '/job')
}

/** The starter library is drawn when it is first needed; any other is there once it has something in it. */
async function refuseUnknownLibrary({ store }: ApiDependencies, request: FormJobRequest, pointer: string) {
  if (request.type !== 'mosaic' || request.library === defaultLibrary) return
  const { objects } = await store.list('raw', { prefix: `${request.library}/`, limit: 1 })
  if (objects.length === 0)
    throw wrongValue(
      'library_not_found',
      pointer,
      `Expected a tile library, there is none of the name ${JSON.stringify(request.library)}. POST /v1/tiles makes one.`,
    )
}

export async function prepareJson(deps: ApiDependencies, request: JobRequest): Promise<PreparedJob> {
  await refuseUnknownLibrary(deps, request, '/library')
  return prepare(request, await resolvePicture(deps, request.input, '/input'), '')
}

function prepare(request: FormJobRequest, resolved: ResolvedPicture, pointer: string): PreparedJob {
  const { source, identity, picture } = resolved
  const about = { identity, ...(request.metadata && { metadata: request.metadata }) }
  if (request.type === 'mosaic') {
    const { library, cell, scale, distance, quality } = request
    const params = { library, cell, distance, quality, ...(scale !== undefined && { scale }) }
    if (picture && scale !== undefined) refuseTooLarge(picture, scale, `${pointer}/scale`)
    const { name, handle } = request.author ?? {}
    const author = { ...(name && { name }), ...(handle && { handle: handle.replace(/^@/, '') }) }
    return { type: 'mosaic', params, arg: { source, params, ...(request.author && { author }) }, ...about }
  }
  const { width, height, fit, quality, withoutEnlargement } = request
  const params = {
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    fit,
    format: request.format ?? sameFormat(picture?.format),
    quality,
    withoutEnlargement,
  }
  return { type: 'resize', params, arg: { source, params }, ...about }
}

/** Pixels: the longest side that the JPEG format can say (ITU-T T.81, and libjpeg's own limit). */
const longestSide = 65_500

function refuseTooLarge(
  { width, height }: { width: number; height: number },
  scale: number,
  pointer: string,
) {
  const longest = Math.ceil(Math.max(width, height) * scale)
  if (longest > longestSide)
    throw wrongValue(
      'output_too_large',
      pointer,
      `Expected a mosaic of at most ${longestSide} px a side: ${width} x ${height} px times ${scale} has ${longest}. ` +
        `A scale of ${Math.floor((longestSide / Math.max(width, height)) * 10) / 10} fits.`,
    )
}

/** What can be written as it came; everything else, and what is not fetched yet, becomes JPEG. */
function sameFormat(format: string | undefined): ResizeParams['format'] {
  return format === 'png' || format === 'webp' || format === 'avif' ? format : 'jpeg'
}

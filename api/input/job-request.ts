/** Turns a request's body into the input of a workflow. */
import type { Context } from 'hono'
import { fittingScale, gridFor, mostUses, PictureError, smallestLibrary } from '../../engine/index.ts'
import { starterCount } from '../../engine/starter/draw-tile.ts'
import type {
  JobOrder,
  MosaicJob,
  MosaicParams,
  PictureSource,
  ResizeJob,
  ResizeParams,
} from '../../workflows/contract/job.ts'
import { requireLibrary } from '../access/own-libraries.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { wrongValue } from '../problems.ts'
import {
  defaultLibrary,
  type FormJobRequest,
  formJobRequest,
  type JobRequest,
  jobRequest,
  type PictureInput,
} from '../schemas/job-request.ts'
import { parse } from '../validation.ts'
import { bytesOf, fileParts, jsonPart, onlyParts, readForm } from './form.ts'
import { type ResolvedPicture, resolvePicture } from './picture-input.ts'
import { pictureUrl } from './picture-url.ts'
import { resizeParams } from './resize-request.ts'
import { storeUpload } from './stored-upload.ts'

export type PreparedJob = (
  | { type: 'mosaic'; arg: MosaicJob & { source: PictureSource }; params: MosaicParams }
  | { type: 'resize'; arg: ResizeJob; params: ResizeParams }
) & {
  metadata?: Record<string, string>
  /** The same for the same picture, however it was sent. */
  identity: string
}

/** `multipart/form-data`: the picture in `image`, the rest as JSON in `job`. Without an `image`, `job` has an `input`. */
export async function prepareForm(c: Context, deps: ApiDependencies): Promise<PreparedJob> {
  const form = await readForm(c)
  const accept = c.req.header('Accept')
  onlyParts(form, ['image', 'mask', 'job'])
  const job = await jsonPart(form, 'job')
  if (!form.has('image')) {
    if (typeof job === 'object' && job !== null && !('input' in job))
      throw wrongValue(
        'invalid_request',
        '/image',
        'Expected a picture: a file in a part named image (curl -F image=@photo.jpg), or an input in job.',
      )
    const request = await parse(jobRequest, job, '/job')
    await refuseUnknownLibrary(deps, libraryOf(request), '/job/library')
    return await prepare(
      deps,
      await withMask(deps, request, form),
      await resolvePicture(deps, request.input, '/job/input'),
      '/job',
      accept,
    )
  }
  const request = await parse(formJobRequest, job, '/job')
  await refuseUnknownLibrary(deps, libraryOf(request), '/job/library')
  const [image, ...more] = fileParts(form, 'image')
  if (more.length > 0) throw wrongValue('invalid_request', '/image', 'Expected one picture.')
  return await prepare(
    deps,
    await withMask(deps, request, form),
    await resolvePicture(deps, { bytes: await bytesOf(image!) }, '/image'),
    '/job',
    accept,
  )
}

/** Adds a mask that was sent as a part of the form. */
async function withMask<Request extends FormJobRequest>(
  deps: ApiDependencies,
  request: Request,
  form: FormData,
): Promise<Request> {
  if (!form.has('mask')) return request
  const [file, ...more] = fileParts(form, 'mask')
  if (more.length > 0 || request.type !== 'mosaic' || request.mask !== undefined)
    throw wrongValue('invalid_request', '/mask', 'Expected one mask, and only for a mosaic.')
  const { sha256 } = await storeUpload(deps, await bytesOf(file!), '/mask')
  return { ...request, mask: { upload: sha256 } }
}

/** The starter library is drawn on first use; any other exists once it has a photo. */
export async function refuseUnknownLibrary(
  { store, tenant }: Pick<ApiDependencies, 'store' | 'tenant'>,
  library: string | undefined,
  pointer: string,
) {
  if (library === undefined || library === defaultLibrary) return
  requireLibrary(tenant, library)
  const { objects } = await store.list('raw', { prefix: `${library}/`, limit: 1 })
  if (objects.length === 0)
    throw wrongValue(
      'library_not_found',
      pointer,
      `There is no tile library named ${JSON.stringify(library)}. POST /v1/tiles creates one.`,
    )
}

const libraryOf = (request: FormJobRequest) => (request.type === 'mosaic' ? request.library : undefined)

export async function prepareJson(
  deps: ApiDependencies,
  request: JobRequest,
  accept: string | undefined,
): Promise<PreparedJob> {
  await refuseUnknownLibrary(deps, libraryOf(request), '/library')
  return await prepare(deps, request, await resolvePicture(deps, request.input, '/input'), '', accept)
}

async function prepare(
  deps: ApiDependencies,
  request: FormJobRequest,
  resolved: ResolvedPicture,
  pointer: string,
  accept: string | undefined,
): Promise<PreparedJob> {
  const { source, identity, picture } = resolved
  const { metadata } = request
  const about = { identity, ...(metadata && { metadata }) }
  const order = webhookOf(deps, request, pointer)
  if (request.type === 'mosaic') {
    const { library, cell, cellHeight, layout, detail, background, scale, distance, most, least } = request
    const { search, flips, tone, cheat, pyramid, quality } = request
    refuseContradictions(request, pointer)
    const mask = await resolveMask(deps, request.mask, `${pointer}/mask`)
    const params = {
      ...{ library, cell, distance, quality },
      ...(cellHeight !== undefined && cellHeight !== cell && { cellHeight }),
      ...(layout !== 'grid' && { layout }),
      ...(detail !== undefined && { detail }),
      ...(mask !== undefined && { mask }),
      ...(background !== undefined && { background }),
      ...(scale !== undefined && { scale }),
      ...(most !== undefined && { most }),
      ...(least !== 0 && { least }),
      ...(search !== 'local' && { search }),
      ...(flips !== 'off' && { flips }),
      ...(tone !== 'off' && { tone }),
      ...(cheat !== 0 && { cheat }),
      ...(pyramid !== 'stored' && { pyramid }),
    }
    if (picture) await refuseImpossible(deps, picture, params, pointer)
    const { name, handle } = request.author ?? {}
    const author = { ...(name && { name }), ...(handle && { handle: handle.replace(/^@/, '') }) }
    return {
      type: 'mosaic',
      params,
      arg: { source, params, ...order, ...(request.author && { author }) },
      ...about,
    }
  }
  const { type: _, metadata: __, webhook: ___, input: ____, ...asked } = { input: undefined, ...request }
  const how = { accept, format: picture?.format, pointer, presets: deps.presets ?? {} }
  const params = await resizeParams(deps, asked, how)
  return { type: 'resize', params, arg: { source, params, ...order }, ...about }
}

/** Rejects combinations of options that are valid one by one. */
export function refuseContradictions(
  {
    cheat = 0,
    pyramid,
    mask,
    layout,
    detail,
  }: Partial<
    Pick<Extract<FormJobRequest, { type: 'mosaic' }>, 'cheat' | 'pyramid' | 'mask' | 'layout' | 'detail'>
  >,
  pointer: string,
): void {
  const refusal = (option: string, detail: string) =>
    wrongValue('invalid_request', `${pointer}/${option}`, detail)
  if (cheat !== 0 && pyramid === 'virtual')
    throw refusal(
      'cheat',
      'cheat cannot be combined with a virtual pyramid, whose tiles are rendered without the photo.',
    )
  if (cheat !== 0 && mask !== undefined)
    throw refusal(
      'cheat',
      'cheat cannot be combined with a mask: the photo would cover what the mask leaves empty.',
    )
  if (detail !== undefined && layout !== 'quadtree')
    throw refusal('detail', 'detail is only allowed with the layout quadtree.')
}

async function resolveMask(
  deps: ApiDependencies,
  mask: PictureInput | 'alpha' | undefined,
  pointer: string,
): Promise<MosaicParams['mask']> {
  if (mask === undefined || mask === 'alpha') return mask
  return (await resolvePicture(deps, mask, pointer)).source
}

/** @throws {Problem} `webhooks_off` if there is no secret to sign them with */
export function webhookOf(
  { environment }: ApiDependencies,
  { webhook }: { webhook?: string | undefined },
  pointer: string,
): JobOrder {
  if (webhook === undefined) return {}
  if (environment.webhookSecret === undefined)
    throw wrongValue(
      'webhooks_off',
      `${pointer}/webhook`,
      'Webhooks are not configured: this service has no WEBHOOK_SECRET to sign them with.',
    )
  // Checked like a picture's URL: deliveries to a bad one would fail unseen for a day.
  pictureUrl(webhook, `${pointer}/webhook`)
  return { webhook }
}

/** Rejects what the photo's size rules out: a mosaic too large to make, or a library too small for it. */
export async function refuseImpossible(
  deps: ApiDependencies,
  { width, height }: { width: number; height: number },
  { library, cell, cellHeight, layout, scale, distance, mask, ...rules }: MosaicParams,
  pointer: string,
) {
  const most = mostUses(rules)
  const shape = { cell, ...(cellHeight && { cellHeight }), ...(layout && { layout }) }
  const factor = scale ?? fittingScale(width, height, cell, cellHeight)
  let needed: number
  try {
    const grid = gridFor(width, height, { ...shape, scale: factor })
    /* The number of cells is only known once the pictures are read. */
    needed = layout === 'quadtree' || mask !== undefined ? 1 : smallestLibrary(grid, distance, most)
  } catch (error) {
    if (error instanceof PictureError && error.code === 'output_too_large')
      throw wrongValue(error.code, `${pointer}/scale`, error.message)
    throw error
  }
  // The starter library may not be drawn yet, but its size is known.
  const tiles = library === defaultLibrary ? starterCount : await sizeOf(deps, library)
  if (tiles >= needed) return
  const [option, because, choice] =
    most === undefined
      ? ['distance', `equal ones stand more than ${distance} cells apart`, 'a smaller distance']
      : [
          rules.most ? 'most' : 'search',
          `each is used at most ${most} times`,
          'larger cells or a smaller scale',
        ]
  throw wrongValue(
    'library_too_small',
    `${pointer}/${option}`,
    `Expected a library of at least ${needed} tiles, because ${because}, but ${JSON.stringify(library)} has ` +
      `${tiles}: add tiles or choose ${choice}.`,
  )
}

async function sizeOf(deps: ApiDependencies, library: string): Promise<number> {
  const libraries = await deps.listLibraries()
  return libraries.find(({ name }) => name === library)?.tiles ?? 0
}

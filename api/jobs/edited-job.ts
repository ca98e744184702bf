/** A new job that makes a finished mosaic again with other tiles in some cells. */
import { buffer } from 'node:stream/consumers'
import { z } from '@hono/zod-openapi'
import * as layout from '../../adapters/object-store/layout.ts'
import { ObjectNotFound } from '../../adapters/object-store/object-store.ts'
import {
  type CellPlace,
  mostUses,
  PictureError,
  smallestLibrary,
  type TileSet,
  tileFinder,
} from '../../engine/index.ts'
import type { MosaicEdits, MosaicParams } from '../../workflows/contract/job.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { refuseUnknownLibrary, webhookOf } from '../input/job-request.ts'
import { Problem, wrongValue } from '../problems.ts'
import type { EditRequest } from '../schemas/edit-request.ts'
import type { Job } from '../schemas/job.ts'
import type { JobToStart } from './start-job.ts'

/** The parts of a record that edits need. */
const recordSchema = z.looseObject({
  library: z.string(),
  params: z.looseObject({ cell: z.number(), distance: z.number(), quality: z.number() }),
  cells: z.object({ columns: z.number(), rows: z.number() }),
  post: z.unknown().optional(),
  /** The photo. */
  target: z.object({ bucket: z.enum(['in', 'raw', 'large', 'small']), key: z.string() }).optional(),
})

/**
 * Checks everything that can be checked before the work begins: that the mosaic, its cells and its tiles exist, and that enough
 * tiles are left.
 *
 * @throws {Problem} `not_finished`, `not_editable`, `invalid_edit`, `library_not_found`, `library_too_small`
 */
export async function editedJob(
  deps: ApiDependencies,
  parent: Job,
  request: EditRequest,
): Promise<JobToStart> {
  const { openLibrary } = deps
  if (!openLibrary) throw new Problem('not_found', 'This service cannot edit mosaics.')
  const { params, cells } = await editableMosaic(deps, parent)
  const { pin, ban, swap, replace, webhook, metadata } = request
  const edits: MosaicEdits = {
    ...(pin.length > 0 && { pin }),
    ...(ban.length > 0 && { ban }),
    ...(swap.length > 0 && { swap: swap as [CellPlace, CellPlace][] }),
    ...(replace.length > 0 && { replace }),
  }
  refuseOutside(cells, edits)
  await refuseUnknownLibrary(deps, params.library, '')
  refuseUnknownTiles(await openToEdit(openLibrary, params.library), params, cells, edits)
  const order = webhookOf(deps, { webhook }, '')
  return {
    type: 'mosaic',
    params: { ...params, edits },
    arg: async () => ({ source: { mosaic: parent.id, edits }, params, ...order }),
    parent: parent.id,
    identity: { edits, webhook },
    summary: `mosaic (${params.library}) of ${parent.id} with changes`,
    ...(metadata && { metadata }),
  }
}

/** @throws {Problem} `not_editable` if the library has no tiles left */
export async function openToEdit(
  openLibrary: NonNullable<ApiDependencies['openLibrary']>,
  library: string,
): Promise<TileSet> {
  try {
    return await openLibrary(library)
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string }
    if (!String(code).startsWith('library_')) throw error
    throw new Problem('not_editable', message, { cause: error })
  }
}

/** The record of a finished mosaic. @throws {Problem} `not_finished`, `not_editable` */
export async function editableMosaic({ store }: ApiDependencies, { id, type, status }: Job) {
  if (type !== 'mosaic' || status === 'failed' || status === 'canceled')
    throw new Problem(
      'not_editable',
      `Only finished mosaics can be edited: ${id} is ${noMosaic(type, status)}.`,
    )
  if (status !== 'succeeded')
    throw new Problem('not_finished', `Only finished mosaics can be edited: ${id} is ${status}.`)
  const { bucket, key } = layout.mosaic.record(id)
  let json: unknown
  try {
    json = JSON.parse((await buffer((await store.get(bucket, key)).body)).toString())
  } catch (error) {
    if (!(error instanceof ObjectNotFound)) throw error
    throw new Problem('not_editable', `The mosaic ${id} no longer exists.`)
  }
  const record = recordSchema.safeParse(json)
  if (!record.success)
    throw new Problem(
      'not_editable',
      `The mosaic ${id} is too old to be edited: its record does not say how it was made.`,
    )
  // It is deleted together with its post; an edited copy would stay behind.
  if (record.data.post !== undefined)
    throw new Problem('not_editable', `Mosaics made for posts cannot be edited, and ${id} is one of them.`)
  const { library, params, cells, target } = record.data
  return { params: { ...params, library } as MosaicParams, cells, target }
}

const noMosaic = (type: string, status: string) => (type !== 'mosaic' ? `a ${type} job` : status)

function refuseOutside(cells: { columns: number; rows: number }, edits: MosaicEdits): void {
  const look = (place: CellPlace, pointer: string) => refuseCellOutside(cells, place, pointer)
  edits.pin?.forEach((place, i) => {
    look(place, `/pin/${i}`)
  })
  edits.swap?.forEach((pair, i) => {
    for (const [n, place] of pair.entries()) look(place, `/swap/${i}/${n}`)
  })
  edits.replace?.forEach((place, i) => {
    look(place, `/replace/${i}`)
  })
}

/** @throws {Problem} `invalid_edit` */
export function refuseCellOutside(
  cells: { columns: number; rows: number },
  { x, y }: CellPlace,
  pointer: string,
): void {
  if (x < cells.columns && y < cells.rows) return
  throw wrongValue(
    'invalid_edit',
    pointer,
    `Expected a cell of the mosaic, columns 0 to ${cells.columns - 1} and rows 0 to ${cells.rows - 1}, received ${x},${y}.`,
  )
}

function refuseUnknownTiles(
  tiles: TileSet,
  { distance, library, layout, mask, ...rules }: MosaicParams,
  cells: { columns: number; rows: number },
  { pin = [], ban = [] }: MosaicEdits,
): void {
  const find = tileFinder(tiles)
  const look = (name: string, pointer: string): number => {
    try {
      return find(name)
    } catch (error) {
      if (!(error instanceof PictureError)) throw error
      throw wrongValue('invalid_edit', pointer, error.message)
    }
  }
  pin.forEach(({ tile }, i) => {
    look(tile, `/pin/${i}/tile`)
  })
  const banned = new Set(ban.map((name, i) => look(name, `/ban/${i}`)))
  const left = new Set(tiles.groups.filter((_, tile) => !banned.has(tile))).size
  /* If cells differ in size or some are missing, only the engine knows which there are. */
  const isPlaced = layout === 'quadtree' || mask !== undefined
  const needed = isPlaced ? 1 : smallestLibrary(cells, distance, mostUses(rules))
  if (left >= needed) return
  throw wrongValue(
    'library_too_small',
    '/ban',
    `These bans leave ${left} different tiles in ${JSON.stringify(library)}, but at least ${needed} are needed: ban fewer or add tiles.`,
  )
}

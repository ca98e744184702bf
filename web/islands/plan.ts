/** The plan of a mosaic in the browser: which tile is in which cell, and where a person's photos are. */

export interface PlanTile {
  id: string
  /** File name or URL. */
  source: string
  author?: { name?: string; handle?: string; url?: string }
}

/** `plan.json`, as `engine/plan.ts` writes it, without unused fields. */
export interface Plan {
  grid: { columns: number; rows: number; cell: number; cellHeight?: number; layout?: 'hexagons' }
  /** If cells differ in size or some are missing: column, row and side of each. */
  places?: number[]
  tiles: { used: PlanTile[] }
  /** Index into `tiles.used` per cell, row by row or in the order of `places`. */
  cells: number[]
}

/** @throws if it cannot be loaded; the viewer works without it */
export async function fetchPlan(address: string): Promise<Plan> {
  const answer = await fetch(address)
  if (!answer.ok) throw new Error(`expected the mosaic's plan, the server responded with ${answer.status}`)
  return (await answer.json()) as Plan
}

export const tileOf = (plan: Plan, cell: number): PlanTile | undefined =>
  plan.tiles.used[plan.cells[cell] ?? -1]

/** Only the last part of a path: folders are private, and people recognise the name. */
export const sourceName = ({ source }: PlanTile) => {
  const parts = source.split(/[/\\]/)
  return decodeSafely(parts.findLast((part) => part !== '') ?? source)
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Link to the full photo: its author's post, or its source URL. */
export const linkOf = ({ author, source }: PlanTile) =>
  [author?.url, source].find((address) => address !== undefined && /^https?:\/\//.test(address))

export const authorName = ({ author }: PlanTile) => author?.name ?? (author?.handle && `@${author.handle}`)

/**
 * Cells that show photos by this person or with this name: exact matches of handle or name or, if there are none, partial ones.
 * In reading order, each photo's first cell before any repetition.
 */
export function placesOf(plan: Plan, wanted: string): number[] {
  const name = fold(wanted).replace(/^@/, '')
  if (name === '') return []
  const { used } = plan.tiles
  const named = used.map((tile) =>
    [tile.author?.handle, tile.author?.name].map((text) => fold(text ?? '').replace(/^@/, '')),
  )
  let tiles = named.flatMap((names, index) => (names.includes(name) ? [index] : []))
  if (tiles.length === 0)
    tiles = named.flatMap((names, index) =>
      [...names, fold(sourceName(used[index]!))].some((text) => text.includes(name)) ? [index] : [],
    )
  const places = new Map<number, number[]>(tiles.map((tile) => [tile, []]))
  for (const [cell, tile] of plan.cells.entries()) places.get(tile)?.push(cell)
  const lists = [...places.values()].sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0))
  return [...lists.flatMap((cells) => cells.slice(0, 1)), ...lists.flatMap((cells) => cells.slice(1))]
}

const fold = (text: string) => text.normalize('NFKC').trim().toLowerCase()

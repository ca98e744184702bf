/** The jobs: resizes and mosaics of a few pictures, in an order determined by a seed. */

import { random } from '../engine/pictures.ts'
import { photo } from '../tiles/photos.ts'

export interface Order {
  /** Jobs of the same kind give the same bytes, whenever and wherever they run. */
  kind: string
  body: object
}

export const tileLibrary = 'chaos'
export const tilePhotos = 40

/** All kinds, once each. */
export async function everyKind(): Promise<Order[]> {
  const base64 = async (n: number, width: number, height: number) =>
    Buffer.from(await photo(n, { width, height })).toString('base64')
  const resizes = await Promise.all(
    [64, 200, 333].flatMap((width) =>
      (['jpeg', 'png', 'webp'] as const).map(async (format, n) => ({
        kind: `resize to ${width} px ${format}`,
        body: { type: 'resize', width, format, input: { base64: await base64(n, 640, 480) } },
      })),
    ),
  )
  const mosaics = await Promise.all(
    [2, 5].map(async (scale) => ({
      kind: `mosaic at scale ${scale}`,
      body: {
        type: 'mosaic',
        library: tileLibrary,
        cell: 16,
        distance: 2,
        scale,
        input: { base64: await base64(20 + scale, 480, 320) },
      },
    })),
  )
  return [...resizes, ...mosaics]
}

/** One job in four is a mosaic. */
export function shuffled(kinds: readonly Order[], count: number, seed: number): Order[] {
  const next = random(seed)
  const [mosaics, resizes] = [true, false].map((mosaic) =>
    kinds.filter(({ kind }) => kind.startsWith('mosaic') === mosaic),
  )
  const pick = (from: readonly Order[]) => from[Math.floor(next() * from.length)]!
  return Array.from({ length: count }, () => pick(next() < 0.25 ? mosaics! : resizes!))
}

/** Assigns photos to cells of a wall: in order of arrival, each to the free cell with the nearest colour. */

/** OKLab: https://bottosson.github.io/posts/oklab/ */
export type Lab = readonly [number, number, number]

/** Colours are averaged in linear light, as the eye does from a distance. */
export const linear = (value: number) => {
  const v = value / 255
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
}

export function oklab(r: number, g: number, b: number): Lab {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

export interface Grid {
  columns: number
  rows: number
}

/** Mean colours of `across` x `down` areas of a picture. */
export function coloursOf(picture: CanvasImageSource, across: number, down: number): Lab[] {
  const detail = 4
  const small = new OffscreenCanvas(across * detail, down * detail)
  const brush = small.getContext('2d', { willReadFrequently: true })!
  brush.drawImage(picture, 0, 0, small.width, small.height)
  const { data } = brush.getImageData(0, 0, small.width, small.height)
  return Array.from({ length: across * down }, (_, cell) => {
    const sum = [0, 0, 0]
    for (let i = 0; i < detail * detail; i++) {
      const x = (cell % across) * detail + (i % detail)
      const y = Math.floor(cell / across) * detail + Math.floor(i / detail)
      for (let channel = 0; channel < 3; channel++)
        sum[channel]! += linear(data[(y * small.width + x) * 4 + channel]!) / detail ** 2
    }
    return oklab(sum[0]!, sum[1]!, sum[2]!)
  })
}

/** Columns and rows for about this many square cells on a picture with this aspect ratio. */
export function wallGrid(cells: number, aspect: number): Grid {
  const columns = Math.max(1, Math.round(Math.sqrt(cells * aspect)))
  return { columns, rows: Math.max(1, Math.round(columns / aspect)) }
}

/** Deterministic: the same photos in the same order get the same places, on every screen and after every reload. */
export class WallPlaces {
  readonly #colours: readonly Lab[]
  readonly #free: Set<number>
  readonly #taken = new Map<string, number>()

  /** @param colours of the target picture, cell by cell */
  constructor(colours: readonly Lab[]) {
    this.#colours = colours
    this.#free = new Set(colours.keys())
  }

  get size(): number {
    return this.#taken.size
  }

  /** Placed tiles in order of arrival. */
  get tiles(): string[] {
    return [...this.#taken.keys()]
  }

  placeOf(tile: string): number | undefined {
    return this.#taken.get(tile)
  }

  /** @returns the cell; undefined if all are taken, or the tile already has a place */
  place(tile: string, [l, a, b]: Lab): number | undefined {
    if (this.#taken.has(tile)) return undefined
    let nearest: number | undefined
    let least = Number.POSITIVE_INFINITY
    for (const cell of this.#free) {
      const [x, y, z] = this.#colours[cell]!
      const distance = (l - x) ** 2 + (a - y) ** 2 + (b - z) ** 2
      if (distance < least) {
        least = distance
        nearest = cell
      }
    }
    if (nearest === undefined) return undefined
    this.#free.delete(nearest)
    this.#taken.set(tile, nearest)
    return nearest
  }

  /** @returns the freed cell */
  remove(tile: string): number | undefined {
    const cell = this.#taken.get(tile)
    if (cell === undefined) return undefined
    this.#taken.delete(tile)
    this.#free.add(cell)
    return cell
  }
}

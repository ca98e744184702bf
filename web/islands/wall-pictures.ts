/** The photos of a wall, as they come over the network: one by one when they arrive, by the sheet when hundreds hang already. */
import type { Square } from './wall-stage.ts'

/** As `POST /v1/tiles/{library}/sheet` has it. */
const sheetTiles = 400
const sheetColumns = 20
/** Pixels of a tile's side in a sheet. */
export const sheetCell = 64
/** Photos on their way to us at once. */
const inFlight = 6

export class WallPictures {
  readonly #address: string
  #free = inFlight
  readonly #waiting: (() => void)[] = []

  constructor(library: string) {
    this.#address = `/v1/tiles/${library}`
  }

  /** The whole photo, small; nothing when the network is away: that is caught up with when it is back. */
  async photo(id: string): Promise<ImageBitmap | undefined> {
    await this.#turn()
    try {
      const answer = await fetch(`${this.#address}/${id}/picture`)
      return answer.ok ? await createImageBitmap(await answer.blob()) : undefined
    } catch {
      return undefined
    } finally {
      this.#free++
      this.#waiting.shift()?.()
    }
  }

  /** Squares of many photos, in as few requests as can be. @param onSquare told of each as it comes */
  async sheets(ids: readonly string[], onSquare: (id: string, square: Square) => void): Promise<void> {
    for (let start = 0; start < ids.length; start += sheetTiles) {
      const tiles = ids.slice(start, start + sheetTiles)
      const answer = await fetch(`${this.#address}/sheet`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ tiles }),
      })
      if (!answer.ok) throw new Error(`expected a sheet of tiles, the server answered ${answer.status}`)
      const picture = await createImageBitmap(await answer.blob())
      for (const [at, id] of tiles.entries())
        onSquare(id, {
          picture,
          x: (at % sheetColumns) * sheetCell,
          y: Math.floor(at / sheetColumns) * sheetCell,
          side: sheetCell,
        })
      picture.close()
    }
  }

  async #turn(): Promise<void> {
    while (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#free--
  }
}

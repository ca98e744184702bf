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

  /** Whole photos that are on their way. */
  get underWay(): number {
    return inFlight - this.#free + this.#waiting.length
  }

  /** The whole photo, small; nothing when it is gone, or when it could not be had for half a minute. */
  async photo(id: string): Promise<ImageBitmap | undefined> {
    for (let pause = 500; ; pause *= 2) {
      const picture = await this.#fetch(`${this.#address}/${id}/picture`)
      if (picture || picture === null || pause > 16_000) return picture ?? undefined
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }

  /** @returns null for what is not there, nothing for what may be there the next time */
  async #fetch(address: string): Promise<ImageBitmap | null | undefined> {
    await this.#turn()
    try {
      const answer = await fetch(address)
      if (answer.status === 404) return null
      return answer.ok ? await createImageBitmap(await answer.blob()) : undefined
    } catch {
      return undefined
    } finally {
      this.#free++
      this.#waiting.shift()?.()
    }
  }

  /** Squares of many photos, in as few requests as can be. @param onSquare told of each as it comes, and may take its time */
  async sheets(
    ids: readonly string[],
    onSquare: (id: string, square: Square) => Promise<void> | void,
  ): Promise<void> {
    for (let start = 0; start < ids.length; start += sheetTiles) {
      const tiles = ids.slice(start, start + sheetTiles)
      const answer = await fetch(`${this.#address}/sheet`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ tiles }),
      })
      if (!answer.ok) throw new Error(`expected a sheet of tiles, the server answered ${answer.status}`)
      const picture = await createImageBitmap(await answer.blob())
      await Promise.all(
        tiles.map((id, at) =>
          onSquare(id, {
            picture,
            x: (at % sheetColumns) * sheetCell,
            y: Math.floor(at / sheetColumns) * sheetCell,
            side: sheetCell,
          }),
        ),
      )
      picture.close()
    }
  }

  async #turn(): Promise<void> {
    while (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#free--
  }
}

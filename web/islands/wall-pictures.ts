/** Loads the photos of a wall: one by one as they arrive, or many at once as sheets. */
import type { Square } from './wall-stage.ts'

/** Layout of a sheet, as in `POST /v1/tiles/{library}/sheet`. */
const sheetTiles = 400
const sheetColumns = 20
/** Side of a tile in a sheet, pixels. */
export const sheetCell = 64
/** Concurrent requests for photos. */
const inFlight = 6

export class WallPictures {
  readonly #address: string
  #free = inFlight
  readonly #waiting: (() => void)[] = []

  constructor(library: string) {
    this.#address = `/v1/tiles/${library}`
  }

  /** Photos being loaded. */
  get loading(): number {
    return inFlight - this.#free + this.#waiting.length
  }

  /** A small version of the whole photo; undefined if it is gone, or could not be loaded for half a minute. */
  async photo(id: string): Promise<ImageBitmap | undefined> {
    for (let pause = 500; ; pause *= 2) {
      const picture = await this.#fetch(`${this.#address}/${id}/picture`)
      if (picture || picture === null || pause > 16_000) return picture ?? undefined
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }

  /** @returns null if there is none, undefined if a later attempt may succeed */
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

  /** Loads many photos as squares, in as few requests as possible. @param onSquare called for each one and awaited */
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
      if (!answer.ok) throw new Error(`expected a sheet of tiles, the server responded with ${answer.status}`)
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

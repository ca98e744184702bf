/** What is known of the tile in a cell: the photo that it is made of, whose it is and where it comes from. */
import { drawCell } from './cell-picture.ts'
import { authorName, linkOf, type Plan, type PlanTile, sourceName, tileOf } from './plan.ts'
import { placeOf } from './plan-cells.ts'

/** Of the picture, CSS pixels. */
const side = 96
/** ms that the pointer rests on a cell before its photo is fetched: on its way across it passes hundreds. */
const rest = 80

export interface TilePanelOptions {
  /** Address of the deep zoom's descriptor: its tiles lie beside it. */
  dzi: string
  /** Address that the photos lie under, when it is known. */
  photos: string | undefined
  /** Told of the cell whose tile somebody does not want there. Absent for who may not change the mosaic. */
  onWrongTile: ((plan: Plan, cell: number) => void) | undefined
}

export class TilePanel {
  readonly element = document.createElement('aside')
  readonly #plan: Plan
  readonly #files: string
  readonly #photos: string | undefined
  /** The photo, or the cell where there is none any more. */
  readonly #picture = document.createElement('div')
  readonly #text = document.createElement('div')
  /** For who may change the mosaic, of a cell that is held. */
  readonly #wrong: HTMLButtonElement | undefined
  #shown: number | undefined

  constructor(plan: Plan, { dzi, photos, onWrongTile }: TilePanelOptions) {
    this.#plan = plan
    this.#files = dzi.replace(/\.dzi$/, '_files')
    this.#photos = photos
    this.#picture.className = 'picture'
    this.element.className = 'tile-panel'
    this.element.setAttribute('aria-label', 'Tile')
    this.#text.setAttribute('aria-live', 'polite')
    this.element.append(this.#picture, this.#text)
    if (onWrongTile) {
      this.#wrong = document.createElement('button')
      this.#wrong.type = 'button'
      this.#wrong.textContent = 'Not this tile'
      this.#wrong.hidden = true
      this.#wrong.addEventListener('click', () => {
        if (this.#shown !== undefined) onWrongTile(plan, this.#shown)
      })
      this.element.append(this.#wrong)
    }
    this.element.hidden = true
  }

  hide(): void {
    this.element.hidden = true
    this.#shown = undefined
  }

  /** @param isHeld until it is let go, whatever the pointer is at */
  show(cell: number, isHeld: boolean): void {
    if (this.#wrong) this.#wrong.hidden = !isHeld
    if (cell === this.#shown) return
    const tile = tileOf(this.#plan, cell)
    if (!tile) {
      this.hide()
      return
    }
    this.#shown = cell
    const { column, row } = placeOf(this.#plan, cell)
    const name = document.createElement('strong')
    const bdi = document.createElement('bdi')
    bdi.textContent = authorName(tile) ?? sourceName(tile)
    const link = linkOf(tile)
    if (link) {
      const anchor = document.createElement('a')
      anchor.href = link
      anchor.rel = 'external nofollow ugc noopener'
      anchor.append(bdi)
      name.append(anchor)
    } else name.append(bdi)
    const source = document.createElement('span')
    source.textContent = authorName(tile) ? sourceName(tile) : ''
    const place = document.createElement('span')
    place.textContent = `Row ${row + 1}, column ${column + 1}`
    this.#text.replaceChildren(name, source, place)
    this.element.hidden = false
    void this.#draw(cell, tile)
  }

  async #draw(cell: number, tile: PlanTile): Promise<void> {
    this.#picture.replaceChildren()
    const isWanted = () => this.#shown === cell
    await new Promise((resolve) => setTimeout(resolve, rest))
    const photo = isWanted() ? await this.#photoOf(tile) : undefined
    if (!isWanted()) return
    if (photo) return this.#picture.replaceChildren(photo)
    const canvas = document.createElement('canvas')
    canvas.width = side * 2
    canvas.height = side * 2
    this.#picture.replaceChildren(canvas)
    await drawCell(canvas, this.#plan, this.#files, cell, isWanted)
  }

  /** It may have left the library since. */
  async #photoOf({ id }: PlanTile): Promise<HTMLImageElement | undefined> {
    if (this.#photos === undefined) return undefined
    const photo = new Image()
    photo.alt = 'The photo of this tile'
    photo.src = `${this.#photos}/${id}/picture`
    return await photo.decode().then(
      () => photo,
      () => undefined,
    )
  }
}

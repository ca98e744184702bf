/** Details of the tile in a cell: its photo, author and source. */
import { drawCell } from './cell-picture.ts'
import { authorName, linkOf, type Plan, type PlanTile, sourceName, tileOf } from './plan.ts'
import { placeOf } from './plan-cells.ts'

/** Side of the picture, CSS pixels. */
const side = 96
/** How long the pointer must rest on a cell before its photo is fetched, ms: on its way it crosses hundreds. */
const rest = 80

export interface TilePanelOptions {
  /** URL of the deep zoom's descriptor, next to its tiles. */
  dzi: string
  /** Base URL of the photos, if known. */
  photos: string | undefined
  /** Called with a cell whose tile should be replaced. Absent for people who may not edit the mosaic. */
  onWrongTile: ((plan: Plan, cell: number) => void) | undefined
}

export class TilePanel {
  readonly element = document.createElement('aside')
  readonly #plan: Plan
  readonly #files: string
  readonly #photos: string | undefined
  /** The photo, or the cell itself if the photo is gone. */
  readonly #picture = document.createElement('div')
  readonly #text = document.createElement('div')
  /** For people who may edit the mosaic; shown for a selected cell. */
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

  /** @param isHeld selected: stays until deselected, wherever the pointer is */
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

  /** The photo may have left the library since. */
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

/** What is known of the tile in a cell: the tile itself, enlarged, whose photo it is and where it comes from. */
import { authorName, linkOf, type Plan, sourceName, tileOf } from './plan.ts'

/** Of the enlarged tile, CSS pixels. */
const side = 96
/** Of the pyramid: see `engine/pyramid.ts`. */
const pyramidTile = 512
const overlap = 1

export class TilePanel {
  readonly element = document.createElement('aside')
  readonly #plan: Plan
  readonly #files: string
  readonly #canvas = document.createElement('canvas')
  readonly #text = document.createElement('div')
  #shown: number | undefined

  /** @param dzi address of the deep zoom's descriptor: its tiles lie beside it */
  constructor(plan: Plan, dzi: string) {
    this.#plan = plan
    this.#files = dzi.replace(/\.dzi$/, '_files')
    this.#canvas.width = side * 2
    this.#canvas.height = side * 2
    this.element.className = 'tile-panel'
    this.element.setAttribute('aria-label', 'Tile')
    this.#text.setAttribute('aria-live', 'polite')
    this.element.append(this.#canvas, this.#text)
    this.element.hidden = true
  }

  hide(): void {
    this.element.hidden = true
    this.#shown = undefined
  }

  show(cell: number): void {
    if (cell === this.#shown) return
    const tile = tileOf(this.#plan, cell)
    if (!tile) {
      this.hide()
      return
    }
    this.#shown = cell
    const { columns } = this.#plan.grid
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
    place.textContent = `Row ${Math.floor(cell / columns) + 1}, column ${(cell % columns) + 1}`
    this.#text.replaceChildren(name, source, place)
    this.element.hidden = false
    void this.#draw(cell)
  }

  /** From the deepest level of the pyramid: a cell lies in one of its tiles, or across two or four. */
  async #draw(cell: number): Promise<void> {
    const { columns, rows, cell: size } = this.#plan.grid
    const level = Math.ceil(Math.log2(Math.max(columns, rows) * size))
    const left = (cell % columns) * size
    const top = Math.floor(cell / columns) * size
    const first = (start: number) => Math.floor(start / pyramidTile)
    const last = (start: number) => Math.floor((start + size - 1) / pyramidTile)
    const pen = this.#canvas.getContext('2d')
    pen?.clearRect(0, 0, 2 * side, 2 * side)
    const scale = (2 * side) / size
    for (let row = first(top); row <= last(top); row++)
      for (let column = first(left); column <= last(left); column++) {
        const picture = new Image()
        picture.src = `${this.#files}/${level}/${column}_${row}.jpg`
        // Without the tile the words are still there.
        await picture.decode().catch(() => undefined)
        if (this.#shown !== cell || picture.naturalWidth === 0) return
        const x = Math.max(0, column * pyramidTile - overlap)
        const y = Math.max(0, row * pyramidTile - overlap)
        pen?.drawImage(
          picture,
          (x - left) * scale,
          (y - top) * scale,
          picture.naturalWidth * scale,
          picture.naturalHeight * scale,
        )
      }
  }
}

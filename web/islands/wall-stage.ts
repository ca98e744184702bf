/** Draws a wall. Everything stays on one canvas, so that memory does not grow over an evening. */
import type { Grid } from './wall-places.ts'

const flightMs = 700
/** Opacity of the target over each photo, 0..1. */
export const breath = 0.3
/** Side of a flying photo, canvas pixels. */
const birdSide = 256

/** A square area of a picture, pixels. */
export interface Square {
  picture: CanvasImageSource
  x: number
  y: number
  side: number
}

/** The central square of a photo. */
export function middleOf(picture: ImageBitmap): Square {
  const { width, height } = picture
  const side = Math.min(width, height)
  return { picture, x: (width - side) / 2, y: (height - side) / 2, side }
}

export class WallStage {
  readonly canvas = document.createElement('canvas')
  /** Side of a cell, canvas pixels: sharp on a projector, and within the limits of canvases at 10,000 cells. */
  readonly cellPixels: number
  readonly #element: HTMLElement
  readonly #target: HTMLImageElement
  readonly #grid: Grid
  readonly #pen: CanvasRenderingContext2D

  constructor(element: HTMLElement, target: HTMLImageElement, grid: Grid) {
    const { columns, rows } = grid
    this.cellPixels = Math.max(16, Math.min(128, Math.floor(3_200 / Math.sqrt(columns * rows))))
    this.#element = element
    this.#target = target
    this.#grid = grid
    this.canvas.width = columns * this.cellPixels
    this.canvas.height = rows * this.cellPixels
    this.canvas.setAttribute('role', 'img')
    this.#pen = this.canvas.getContext('2d')!
    element.append(this.canvas)
    element.style.aspectRatio = `${columns} / ${rows}`
    element.style.setProperty('--ratio', String(columns / rows))
  }

  #place(cell: number) {
    const { columns } = this.#grid
    const side = this.cellPixels
    return [(cell % columns) * side, Math.floor(cell / columns) * side, side, side] as const
  }

  /** Blends the target over the photo, because few photos have exactly the right colour. */
  draw({ picture, x, y, side }: Square, cell: number): void {
    const { columns, rows } = this.#grid
    const place = this.#place(cell)
    this.#pen.drawImage(picture, x, y, side, side, ...place)
    const part = { width: this.#target.naturalWidth / columns, height: this.#target.naturalHeight / rows }
    const at = { x: (cell % columns) * part.width, y: Math.floor(cell / columns) * part.height }
    this.#pen.globalAlpha = breath
    this.#pen.drawImage(this.#target, at.x, at.y, part.width, part.height, ...place)
    this.#pen.globalAlpha = 1
  }

  clear(cell: number): void {
    this.#pen.clearRect(...this.#place(cell))
  }

  /** Animates from the middle of the wall to the cell. No motion if the viewer prefers none, or does not see the page. */
  async fly({ picture, x, y, side }: Square, cell: number): Promise<void> {
    if (document.hidden || matchMedia('(prefers-reduced-motion: reduce)').matches) return
    const { columns } = this.#grid
    const bird = document.createElement('canvas')
    bird.className = 'bird'
    bird.width = birdSide
    bird.height = birdSide
    bird.getContext('2d')?.drawImage(picture, x, y, side, side, 0, 0, birdSide, birdSide)
    this.#element.append(bird)
    const box = this.#element.getBoundingClientRect()
    const size = box.width / columns
    const large = Math.min(box.width, box.height) / 3
    const at = (left: number, top: number, scale: number) => `translate(${left}px, ${top}px) scale(${scale})`
    const middle = at((box.width - large) / 2, (box.height - large) / 2, large / birdSide)
    const place = at((cell % columns) * size, Math.floor(cell / columns) * size, size / birdSide)
    const flight = bird.animate(
      [
        { transform: middle, opacity: 0 },
        { transform: middle, opacity: 1, offset: 0.25 },
        { transform: place, opacity: 1 },
      ],
      { duration: flightMs, easing: 'ease-in-out', fill: 'forwards' },
    )
    await flight.finished.catch(() => undefined)
    bird.remove()
  }

  /** Clears the canvas and redraws it cell by cell, one every `pause` ms. */
  async replay(cells: readonly number[], pause: number): Promise<void> {
    const whole = await createImageBitmap(this.canvas)
    this.#pen.clearRect(0, 0, this.canvas.width, this.canvas.height)
    for (const cell of cells) {
      await new Promise((resolve) => setTimeout(resolve, pause))
      const place = this.#place(cell)
      this.#pen.drawImage(whole, ...place, ...place)
    }
    whole.close()
  }

  /** Draws a ring around somebody's photo. */
  mark(cell: number): void {
    const { columns, rows } = this.#grid
    this.#element.querySelector('.found')?.remove()
    const ring = document.createElement('span')
    ring.className = 'found'
    ring.setAttribute('role', 'img')
    ring.setAttribute('aria-label', 'Your photo')
    ring.style.left = `${(((cell % columns) + 0.5) / columns) * 100}%`
    ring.style.top = `${((Math.floor(cell / columns) + 0.5) / rows) * 100}%`
    ring.style.width = `${100 / columns}%`
    this.#element.append(ring)
    ring.scrollIntoView({ block: 'center', inline: 'center' })
  }
}

/** Previews how coarse a mosaic will be: the photo in as many squares as there will be tiles. */
import { count, pixels } from '../words.ts'

export interface GridOptions {
  /** Side of a tile in the mosaic, pixels. */
  cell: number
  /** Size of the mosaic relative to the photo; absent: depends on the photo. */
  scale?: number | undefined
  layout?: string | undefined
}

/** Computes the same grid as `engine/grid.ts` and `engine/fitting-scale.ts`. */
export function gridOf(width: number, height: number, { cell, scale, layout }: GridOptions) {
  const enlarged = scale ?? Math.min(10, cell * Math.sqrt(57_600 / (width * height)))
  const across = (side: number) => Math.max(1, Math.round((side * enlarged) / cell))
  if (layout !== 'hexagons') return { columns: across(width), rows: across(height) }
  const quarter = Math.max(1, Math.round(cell / (2 * Math.sqrt(3))))
  return {
    columns: Math.max(1, Math.round((width * enlarged + (cell >> 1)) / cell)),
    rows: Math.max(1, Math.round((height * enlarged + quarter) / (quarter * 3))),
  }
}

/** Texts for layouts without squares. */
const sentences: Record<string, string> = {
  hexagons: ', hexagons.',
  quadtree: ' at most, fewer and larger ones where the photo is calm.',
}

/** Width of the canvas, pixels: more squares could not be distinguished. */
const widest = 960
const longestJpegSide = 65_500
const mostCells = 1_000_000

/** Instant, in the browser alone; the engine's preview in `mosaic-preview.ts` takes a moment. @returns call it with the photo */
export function previewGrid(form: HTMLFormElement): (photo: HTMLImageElement | undefined) => void {
  const figure = form.querySelector<HTMLElement>('[data-grid-preview]')!
  const canvas = figure.querySelector('canvas')!
  const words = figure.querySelector('figcaption p')!
  let photo: HTMLImageElement | undefined

  function draw(): void {
    const data = new FormData(form)
    const cell = Number(data.get('cell')) || 32
    const scale = Number(data.get('scale')) || undefined
    const layout = String(data.get('layout'))
    figure.hidden = !photo
    if (!photo || cell < 1) return
    const { columns, rows } = gridOf(photo.naturalWidth, photo.naturalHeight, { cell, scale, layout })
    const isTooLarge = columns * rows > mostCells || Math.max(columns, rows) * cell > longestJpegSide
    words.textContent = isTooLarge
      ? `${count(columns * rows)} tiles are too many: choose larger tiles or a smaller enlargement.`
      : `${count(columns * rows)} tiles${sentences[layout] ?? `, ${pixels(columns * cell, rows * cell)}. Each square will be a photo.`}`
    const pen = canvas.getContext('2d')
    const fine = Math.min(1, widest / Math.max(columns, rows))
    const small = { width: Math.ceil(columns * fine), height: Math.ceil(rows * fine) }
    Object.assign(canvas, small)
    pen?.drawImage(photo, 0, 0, small.width, small.height)
  }

  form.addEventListener('input', draw)
  return (next) => {
    photo = next
    draw()
  }
}

/** Draws a cell of a mosaic from the deepest level of its pyramid: from one of its tiles, or from two or four. */
import type { Plan } from './plan.ts'
import { boxOf, mosaicSize } from './plan-cells.ts'

/** The pyramid's parameters: see `engine/pyramid.ts`. */
const pyramidTile = 512
const overlap = 1

/** @param files base URL of the pyramid's levels @param isWanted checked before each drawing operation */
export async function drawCell(
  canvas: HTMLCanvasElement,
  plan: Plan,
  files: string,
  cell: number,
  isWanted: () => boolean,
): Promise<void> {
  const whole = mosaicSize(plan)
  const deepest = Math.ceil(Math.log2(Math.max(whole.width, whole.height)))
  const box = boxOf(plan, cell)
  /* Large cells are cut from a higher level, so that no more pixels are fetched than shown. */
  const halvings = Math.max(0, Math.floor(Math.log2(Math.max(box.width, box.height) / canvas.width)))
  const level = Math.max(0, deepest - halvings)
  const factor = 2 ** (deepest - level)
  const [left, top] = [Math.max(0, box.left) / factor, Math.max(0, box.top) / factor]
  const size = Math.max(box.width, box.height) / factor
  const first = (start: number) => Math.floor(start / pyramidTile)
  const last = (start: number, length: number, side: number) =>
    Math.floor((Math.min(side, start + length) / factor - 0.5) / pyramidTile)
  const pen = canvas.getContext('2d')
  pen?.clearRect(0, 0, canvas.width, canvas.height)
  const scale = canvas.width / size
  const lastRow = last(box.top, box.height, whole.height)
  const lastColumn = last(box.left, box.width, whole.width)
  for (let row = first(top); row <= lastRow; row++)
    for (let column = first(left); column <= lastColumn; column++) {
      const picture = new Image()
      picture.src = `${files}/${level}/${column}_${row}.jpg`
      // If the tile cannot be loaded, the text is still there.
      await picture.decode().catch(() => undefined)
      if (!isWanted() || picture.naturalWidth === 0) return
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

/** A cell of a mosaic, cut out of the deepest level of its pyramid: in one of its tiles, or across two or four. */
import type { Plan } from './plan.ts'

/** Of the pyramid: see `engine/pyramid.ts`. */
const pyramidTile = 512
const overlap = 1

/** @param files address that the pyramid's levels lie under @param isWanted asked before each stroke */
export async function drawCell(
  canvas: HTMLCanvasElement,
  { grid: { columns, rows, cell: size } }: Plan,
  files: string,
  cell: number,
  isWanted: () => boolean,
): Promise<void> {
  const level = Math.ceil(Math.log2(Math.max(columns, rows) * size))
  const left = (cell % columns) * size
  const top = Math.floor(cell / columns) * size
  const first = (start: number) => Math.floor(start / pyramidTile)
  const last = (start: number) => Math.floor((start + size - 1) / pyramidTile)
  const pen = canvas.getContext('2d')
  pen?.clearRect(0, 0, canvas.width, canvas.height)
  const scale = canvas.width / size
  for (let row = first(top); row <= last(top); row++)
    for (let column = first(left); column <= last(left); column++) {
      const picture = new Image()
      picture.src = `${files}/${level}/${column}_${row}.jpg`
      // Without the tile the words are still there.
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

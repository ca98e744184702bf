/** Draws some of the starter library and prints IDs and names, a line each. */
import { createHash } from 'node:crypto'
import { drawStarterPicture } from '../../engine/starter/draw-tile.ts'

for (let n = 0; n < 64; n++) {
  const { name, pixels } = drawStarterPicture(n * 37)
  console.log(`${createHash('sha256').update(pixels).digest('hex')} starter/${name}`)
}

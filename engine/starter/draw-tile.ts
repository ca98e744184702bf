/** Draws the pictures of the starter library: each number always gives the same picture. */
import { createCanvas, expose, settle, srgbPixels } from './canvas.ts'
import { type Colour, gamutCover } from './colour.ts'
import { garden } from './motifs/garden.ts'
import { landscape } from './motifs/landscape.ts'
import { light } from './motifs/light.ts'
import type { Motif } from './motifs/motif.ts'
import { people } from './motifs/people.ts'
import { surface } from './motifs/surface.ts'
import { createRandom } from './random.ts'

export const starterCount = 2400
/** Pixels a side. */
export const starterSize = 64

export interface StarterPicture {
  /** `sunset-0033`: the motif and the picture's number. */
  name: string
  /** sRGB, `starterSize * starterSize * 3`. */
  pixels: Uint8Array
}

const motifs: readonly Motif[] = [...landscape, ...garden, ...surface, ...light, ...people]
const keys: readonly Colour[] = gamutCover(starterCount)

/** @param index 0 .. starterCount - 1 */
export function drawStarterPicture(index: number): StarterPicture {
  const key = keys[index]
  if (!key) throw new RangeError(`expected a starter picture's number below ${starterCount}, got ${index}`)
  const motif = motifs[index % motifs.length]!
  const canvas = createCanvas(starterSize)
  const random = createRandom(index)
  motif.paint(canvas, key, random)
  if (motif.colours === 'any') settle(canvas, key, 0.88)
  else expose(canvas, random.between(0.78, 1.08))
  return { name: `${motif.name}-${String(index).padStart(4, '0')}`, pixels: srgbPixels(canvas) }
}

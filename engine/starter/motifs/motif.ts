import type { Canvas } from '../canvas.ts'
import type { Colour } from '../colour.ts'
import type { Random } from '../random.ts'

/** A kind of picture in the starter library, painted differently each time. */
export interface Motif {
  name: string
  /** Whether it can have any key colour or only natural ones: a sky is not brown. */
  colours: 'any' | 'own'
  paint(canvas: Canvas, key: Colour, random: Random): void
}

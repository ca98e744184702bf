import type { Canvas } from '../canvas.ts'
import type { Colour } from '../colour.ts'
import type { Random } from '../random.ts'

/** A kind of picture that the starter library knows how to paint, never twice the same. */
export interface Motif {
  name: string
  /** Whether it takes any key colour, or keeps to nature's own: a sky is not brown. */
  colours: 'any' | 'own'
  paint(canvas: Canvas, key: Colour, random: Random): void
}

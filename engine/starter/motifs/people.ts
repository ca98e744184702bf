/** Simple painted faces, and the places that people build. */
import { type Canvas, flat, lay } from '../canvas.ts'
import { type Colour, colour, mix, shift, skin } from '../colour.ts'
import { cellValue, fractal } from '../noise.ts'
import type { Random } from '../random.ts'
import { apart, below, ellipse, faint, half, line, rectangle, step } from '../shapes.ts'
import type { Motif } from './motif.ts'

const seed = (random: Random): number => random.integer(2 ** 31)

function head(
  canvas: Canvas,
  face: Colour,
  hair: Colour,
  cx: number,
  cy: number,
  size: number,
  random: Random,
): void {
  const [lit, long] = [random.pick([-1, 1]), random.chance(0.5)]
  flat(canvas, hair, ellipse(cx, cy - size * 0.12, size * 0.92, size * (long ? 1.15 : 1.02), 0, 0.08))
  if (long) flat(canvas, hair, rectangle(cx - size * 0.88, cy, cx + size * 0.88, cy + size * 1.35, 0.03))
  flat(
    canvas,
    shift(face, { light: -0.12 }),
    rectangle(cx - size * 0.3, cy + size * 0.5, cx + size * 0.3, cy + size * 1.5),
  )
  lay(
    canvas,
    [shift(face, { light: 0.07 }), face, shift(face, { light: -0.17, hue: -8 })],
    (x, y) => 0.45 + (lit * (cx - x)) / size / 1.6 + (y - cy) * 0.25,
    ellipse(cx, cy + size * 0.05, size * 0.7, size * 0.95),
  )
  const dark = mix(hair, colour(0.15, 0.02, 40), 0.6)
  for (const side of [-1, 1]) {
    flat(canvas, dark, ellipse(cx + side * size * 0.3, cy - size * 0.02, size * 0.11, size * 0.06, 0, 0.4))
    flat(
      canvas,
      dark,
      faint(
        line(cx + side * size * 0.16, cy - size * 0.2, cx + side * size * 0.44, cy - size * 0.2, size * 0.05),
        0.7,
      ),
    )
  }
  flat(
    canvas,
    shift(face, { light: -0.14 }),
    faint(line(cx + lit * size * 0.05, cy, cx + lit * size * 0.1, cy + size * 0.28, size * 0.07, 0.02), 0.6),
  )
  flat(
    canvas,
    shift(face, { light: -0.14, chroma: 1.9, hue: -25 }),
    ellipse(cx, cy + size * 0.5, size * 0.24, size * 0.07, 0, 0.3),
  )
  flat(canvas, hair, ellipse(cx, cy - size * 0.6, size * 0.72, size * 0.38, lit * 14, 0.12))
}

/** The key colour is only used behind the head: people are not green. */
const portrait: Motif = {
  name: 'portrait',
  colours: 'own',
  paint(canvas, key, random) {
    const wall = fractal(seed(random), 3)
    lay(
      canvas,
      [shift(key, { light: -0.1 }), shift(key, { light: 0.1 })],
      (x, y) => 0.3 + wall(x * 3, y * 3) * 0.5 + (x - 0.5) * 0.4,
    )
    const hair = random.pick([
      colour(0.16, 0.02, 60),
      colour(0.28, 0.05, 50),
      colour(0.45, 0.09, 55),
      colour(0.75, 0.09, 85),
      colour(0.7, 0.01, 80),
    ])
    const size = random.between(0.22, 0.36)
    const [cx, cy] = [random.between(0.38, 0.62), random.between(0.36, 0.48)]
    const cloth = colour(random.between(0.2, 0.85), random.between(0.02, 0.18), random.between(0, 360))
    flat(canvas, cloth, ellipse(cx, cy + size * 2.35, size * 1.65, size * 1.25, 0, 0.05))
    head(canvas, skin(random), hair, cx, cy, size, random)
    const [chest, shaded] = [ellipse(cx, cy + size * 2.45, size * 1.5, size * 1.1, 0, 0.1), half(0, 0.08)]
    flat(canvas, shift(cloth, { light: -0.08 }), (x, y) => chest(x, y) * shaded(x, y))
  },
}

/** A cheek, a brow, a shoulder: close-up skin, for the faces in people's photos. */
const closeUp: Motif = {
  name: 'skin',
  colours: 'own',
  paint(canvas, _key, random) {
    const tone = skin(random)
    const [cx, cy, size] = [random.between(-0.1, 1.1), random.between(-0.1, 1.1), random.between(0.5, 1)]
    const soft = fractal(seed(random), 4)
    lay(
      canvas,
      [shift(tone, { light: 0.09 }), tone, shift(tone, { light: -0.2, hue: -10, chroma: 1.2 })],
      (x, y) => apart(x - cx, y - cy) / size / 1.3 + (soft(x * 4, y * 4) - 0.5) * 0.25,
    )
    const beyond = random.pick([
      colour(0.15, 0.03, 50),
      colour(0.9, 0.01, 90),
      colour(random.between(0.2, 0.8), 0.08, random.between(0, 360)),
      shift(tone, { light: -0.3 }),
    ])
    const body = ellipse(cx + (cx > 0.5 ? -0.25 : 0.25), cy, size, size * 1.1, 20, 0.05)
    if (random.chance(0.75)) flat(canvas, beyond, (x, y) => 1 - body(x, y))
  },
}

const city: Motif = {
  name: 'city',
  colours: 'any',
  paint(canvas, key, random) {
    const dusk = random.chance(0.5)
    const haze = shift(key, { light: 0.2, chroma: 0.7 })
    lay(canvas, [key, haze], (_x, y) => y)
    const lamp = colour(0.88, 0.13, random.between(65, 95))
    for (let layer = 0; layer < 3; layer++) {
      const tone = mix(haze, shift(key, { light: -0.42, chroma: 0.7 }), (layer + 1) / 3)
      const [from, width, base] = [seed(random), random.between(4, 8), 0.28 + layer * 0.2]
      const skyline = (x: number): number => base + 0.4 * (cellValue(x * width, layer, from) - 0.4)
      flat(canvas, tone, below(skyline, 0.006))
      flat(canvas, dusk ? lamp : shift(tone, { light: 0.12 }), (x, y) => {
        const [u, v] = [(x * 21) % 1, (y * 15) % 1]
        const pane = u > 0.3 && u < 0.8 && v > 0.3 && v < 0.75 ? 1 : 0
        return y > skyline(x) + 0.03 && cellValue(x * 21, y * 15, from) > 0.5 ? pane * 0.85 : 0
      })
    }
  },
}

const house: Motif = {
  name: 'house',
  colours: 'any',
  paint(canvas, key, random) {
    const plaster = fractal(seed(random), 4)
    lay(canvas, [shift(key, { light: -0.09 }), shift(key, { light: 0.07 })], (x, y) => plaster(x * 7, y * 7))
    const frame = random.pick([colour(0.95, 0.01, 90), shift(key, { light: -0.3 }), colour(0.35, 0.06, 50)])
    const glass = random.pick([colour(0.25, 0.04, 240), colour(0.75, 0.05, 230), colour(0.85, 0.12, 85)])
    const [columns, rows] = [1 + random.integer(3), 1 + random.integer(2)]
    const [wide, tall] = [random.between(0.24, 0.36) / columns, random.between(0.22, 0.34) / rows]
    for (let n = 0; n < columns * rows; n++) {
      const [x, y] = [((n % columns) + 0.5) / columns, (Math.floor(n / columns) + 0.5) / rows]
      flat(
        canvas,
        shift(key, { light: -0.2 }),
        rectangle(x - wide + 0.02, y - tall + 0.03, x + wide + 0.03, y + tall + 0.04, 0.02),
      )
      flat(canvas, frame, rectangle(x - wide, y - tall, x + wide, y + tall))
      const rim = 0.12 * wide + 0.018
      lay(
        canvas,
        [shift(glass, { light: 0.14 }), glass],
        (px, py) => step(-0.3, 0.3, px - x + py - y),
        rectangle(x - wide + rim, y - tall + rim, x + wide - rim, y + tall - rim),
      )
      flat(canvas, frame, rectangle(x - 0.012, y - tall, x + 0.012, y + tall))
      flat(canvas, frame, rectangle(x - wide, y - 0.012 - tall * 0.2, x + wide, y + 0.012 - tall * 0.2))
    }
  },
}

export const people: Motif[] = [portrait, closeUp, city, house]

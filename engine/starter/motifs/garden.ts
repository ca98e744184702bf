/** What grows: leaves, flowers, fruit. */
import { flat, lay } from '../canvas.ts'
import { type Colour, chromaOf, colour, lightnessOf, mix, shift } from '../colour.ts'
import { fractal } from '../noise.ts'
import type { Random } from '../random.ts'
import { apart, disc, ellipse, faint, leaf, line, step, turn } from '../shapes.ts'
import type { Motif } from './motif.ts'

const seed = (random: Random): number => random.integer(2 ** 31)

const green = (random: Random, lightness: number): Colour =>
  colour(lightness, random.between(0.07, 0.16), random.between(108, 152))

const foliage: Motif = {
  name: 'foliage',
  colours: 'own',
  paint(canvas, _key, random) {
    const autumn = random.chance(0.3)
    const light = random.between(0.35, 0.72)
    const base = autumn ? colour(light, 0.14, random.between(30, 85)) : green(random, light)
    flat(canvas, shift(base, { light: -0.3, chroma: 0.7 }))
    for (let n = 0; n < 90; n++) {
      const depth = n / 90
      const [x, y, angle, size] = [
        random.between(-0.1, 1.1),
        random.between(-0.1, 1.1),
        random.next() * 6.3,
        random.between(0.1, 0.2),
      ]
      const tone = shift(base, {
        light: -0.22 + 0.34 * depth + random.between(-0.06, 0.06),
        hue: random.between(-14, 14),
      })
      const [dx, dy] = [Math.cos(angle) * size, Math.sin(angle) * size]
      flat(canvas, tone, leaf(x - dx, y - dy, x + dx, y + dy, size * 0.75))
      flat(canvas, shift(tone, { light: 0.1 }), line(x - dx, y - dy, x + dx * 0.7, y + dy * 0.7, 0.008))
    }
  },
}

const meadow: Motif = {
  name: 'meadow',
  colours: 'own',
  paint(canvas, _key, random) {
    const grass = green(random, random.between(0.4, 0.7))
    const blades = fractal(seed(random), 4)
    lay(
      canvas,
      [shift(grass, { light: 0.16 }), grass, shift(grass, { light: -0.25 })],
      (x, y) => y * 0.6 + (blades(x * 16, y * 4) - 0.5) * 0.9 + 0.15,
    )
    if (random.chance(0.5))
      lay(
        canvas,
        [colour(0.72, 0.1, 240), colour(0.93, 0.03, 230)],
        (_x, y) => y * 4,
        (_x, y) => 1 - step(0.22, 0.3, y),
      )
    const hue = random.pick([25, 95, 350, 305, 60, 0, 270])
    const petal = colour(random.between(0.6, 0.96), 0.2, hue)
    const blooms = 14 + random.integer(50)
    for (let n = 0; n < blooms; n++) {
      const y = 0.3 + 0.75 * (n / blooms) ** 0.8
      const [x, size] = [random.next(), 0.012 + 0.05 * (y - 0.2) * random.between(0.6, 1.3)]
      flat(
        canvas,
        shift(grass, { light: -0.12 }),
        line(x, y, x + random.between(-0.03, 0.03), y + size * 4, 0.01),
      )
      flat(
        canvas,
        shift(petal, { light: random.between(-0.1, 0.06), hue: random.between(-12, 12) }),
        disc(x, y, size),
      )
      flat(canvas, colour(0.85, 0.16, 90), disc(x, y, size * 0.3))
    }
  },
}

const flower: Motif = {
  name: 'flower',
  colours: 'any',
  paint(canvas, key, random) {
    const ground = random.chance(0.6)
      ? green(random, random.between(0.15, 0.5))
      : shift(key, { light: random.between(-0.35, 0.3), hue: 150, chroma: 0.6 })
    const blur = fractal(seed(random), 3)
    lay(canvas, [shift(ground, { light: -0.1 }), shift(ground, { light: 0.1 })], (x, y) => blur(x * 4, y * 4))
    const [cx, cy] = [random.between(0.35, 0.65), random.between(0.35, 0.65)]
    const [petals, start, reach] = [5 + random.integer(9), random.next() * 360, random.between(0.34, 0.52)]
    for (const ring of [1, 0.68]) {
      for (let n = 0; n < petals; n++) {
        const angle = turn(start + (ring < 1 ? 180 / petals : 0) + (n * 360) / petals)
        const [dx, dy] = [Math.cos(angle) * reach * ring, Math.sin(angle) * reach * ring]
        const tone = shift(key, { light: (ring < 1 ? 0.06 : 0) + 0.05 * (n % 2), hue: random.between(-5, 5) })
        lay(
          canvas,
          [shift(tone, { light: -0.22, hue: -10 }), tone, shift(tone, { light: 0.1 })],
          (x, y) => apart(x - cx, y - cy) / (reach * ring),
          leaf(cx, cy, cx + dx, cy + dy, reach * ring * random.between(0.5, 0.8)),
        )
      }
    }
    const heart = colour(random.between(0.35, 0.85), 0.13, random.between(60, 100))
    lay(
      canvas,
      [shift(heart, { light: 0.12 }), shift(heart, { light: -0.15 })],
      (x, y) => blur(x * 30, y * 30),
      disc(cx, cy, reach * random.between(0.18, 0.34), 0.03),
    )
  },
}

const bigLeaf: Motif = {
  name: 'leaf',
  colours: 'any',
  paint(canvas, key, random) {
    const ground = shift(key, {
      light: lightnessOf(key) > 0.5 ? -0.35 : 0.35,
      chroma: 0.6,
      hue: random.between(-60, 60),
    })
    lay(canvas, [shift(ground, { light: -0.06 }), shift(ground, { light: 0.06 })], (x, y) => (x + y) / 2)
    const angle = random.next() * Math.PI * 2
    const [ux, uy] = [Math.cos(angle), Math.sin(angle)]
    const width = random.between(0.45, 0.8)
    const [x0, y0, x1, y1] = [0.5 - ux * 0.6, 0.5 - uy * 0.6, 0.5 + ux * 0.55, 0.5 + uy * 0.55]
    const [veins, bend] = [random.between(9, 16), random.between(0.6, 1.4)]
    const place = (x: number, y: number): [number, number] => [
      (x - 0.5) * ux + (y - 0.5) * uy,
      (y - 0.5) * ux - (x - 0.5) * uy,
    ]
    lay(
      canvas,
      [shift(key, { light: -0.12 }), key, shift(key, { light: 0.13, hue: 12 })],
      (x, y) => {
        const [t, side] = place(x, y)
        return 0.5 + 0.3 * Math.sign(side) * 0.5 + 0.35 * Math.sin((t - Math.abs(side) * bend) * veins * 6.3)
      },
      leaf(x0, y0, x1, y1, width),
    )
    flat(canvas, shift(key, { light: 0.2, chroma: 0.8 }), line(x0, y0, x1, y1, 0.025))
  },
}

const fruit: Motif = {
  name: 'fruit',
  colours: 'any',
  paint(canvas, key, random) {
    const table = shift(key, { light: random.between(-0.4, 0.4), chroma: 0.3, hue: random.between(90, 270) })
    const edge = random.between(0.55, 0.8)
    lay(canvas, [shift(table, { light: 0.1 }), shift(table, { light: -0.05 })], (_x, y) => y)
    flat(canvas, shift(table, { light: -0.14, chroma: 1.5 }), (_x, y) => step(edge, edge + 0.03, y))
    const count = 1 + random.integer(3)
    for (let n = 0; n < count; n++) {
      const size = random.between(0.2, 0.34) / Math.sqrt(count * 0.7)
      const [x0, y0] = [
        count === 1 ? random.between(0.35, 0.65) : 0.2 + (0.6 * n) / (count - 1),
        edge - size * 0.2 + random.between(0, 0.12),
      ]
      flat(
        canvas,
        colour(0.1, 0.03, 60),
        faint(ellipse(x0 + size * 0.3, y0 + size * 0.85, size * 1.2, size * 0.3, 0, 0.3), 0.5),
      )
      const tone = shift(key, { hue: random.between(-18, 18), light: random.between(-0.04, 0.04) })
      lay(
        canvas,
        [shift(tone, { light: 0.16 }), tone, shift(tone, { light: -0.28, chroma: 0.9 })],
        (x, y) => apart(x - x0 + size * 0.35, y - y0 + size * 0.4) / (size * 1.5),
        disc(x0, y0, size),
      )
      flat(
        canvas,
        colour(0.98, 0.01, 90),
        ellipse(x0 - size * 0.35, y0 - size * 0.45, size * 0.2, size * 0.13, -35, 0.5),
      )
      if (chromaOf(tone) > 0.05)
        flat(
          canvas,
          mix(colour(0.25, 0.06, 80), tone, 0.2),
          line(x0, y0 - size * 0.85, x0 + size * 0.2, y0 - size * 1.25, 0.03),
        )
    }
  },
}

export const garden: Motif[] = [foliage, meadow, flower, bigLeaf, fruit]

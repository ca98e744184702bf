/** Washes, lights and edges: smooth tiles for skies and cheeks, and hard ones for contours. */
import { flat, lay } from '../canvas.ts'
import { type Colour, colour, lightnessOf, mix, shift } from '../colour.ts'
import { fractal, noise } from '../noise.ts'
import type { Random } from '../random.ts'
import { along, apart, disc, half, line, step, turn } from '../shapes.ts'
import type { Motif } from './motif.ts'

const seed = (random: Random): number => random.integer(2 ** 31)

/** A colour at the opposite lightness. */
function contrast(key: Colour, random: Random): Colour {
  const far = random.between(0.2, 0.6)
  const hue = random.chance(0.5) ? random.between(-30, 30) : random.between(0, 360)
  return shift(key, { light: lightnessOf(key) > 0.5 ? -far : far, hue, chroma: random.between(0.3, 1.3) })
}

const wash: Motif = {
  name: 'wash',
  colours: 'any',
  paint(canvas, key, random) {
    const distance = along(random.between(0, 360))
    const stain = fractal(seed(random), 5)
    const range = random.between(0.03, 0.14)
    const turnBy = random.between(-35, 35)
    lay(
      canvas,
      [shift(key, { light: -range, hue: turnBy }), key, shift(key, { light: range, hue: -turnBy })],
      (x, y) => 0.5 + distance(x, y) * 0.8 + (stain(x * 3, y * 3) - 0.5) * 1.1,
    )
    flat(
      canvas,
      shift(key, { light: -0.12 }),
      (x, y) => 0.4 * (1 - step(0, 0.025, Math.abs(stain(x * 3, y * 3) - 0.52))),
    )
  },
}

const bokeh: Motif = {
  name: 'bokeh',
  colours: 'any',
  paint(canvas, key, random) {
    const ground = shift(key, { light: -0.18 })
    const blur = noise(seed(random))
    lay(canvas, [shift(ground, { light: -0.1 }), shift(ground, { light: 0.08, hue: 40 })], (x, y) =>
      blur(x * 2.5, y * 2.5),
    )
    const spread = random.between(15, 160)
    for (let n = 0; n < 26; n++) {
      const [x, y, size] = [random.next(), random.next(), random.between(0.04, 0.17)]
      const glow = shift(key, {
        light: random.between(0.05, 0.35),
        hue: random.between(-spread, spread),
        chroma: 1.2,
      })
      const strength = random.between(0.25, 0.7)
      const inside = disc(x, y, size, 0.02)
      flat(
        canvas,
        glow,
        (px, py) =>
          inside(px, py) * strength * (0.65 + 0.35 * step(size * 0.75, size, apart(px - x, py - y))),
      )
    }
  },
}

const rings: Motif = {
  name: 'rings',
  colours: 'any',
  paint(canvas, key, random) {
    const [cx, cy, count] = [random.between(0.1, 0.9), random.between(0.1, 0.9), random.between(2, 6)]
    const other = contrast(key, random)
    const [soft, wave] = [random.between(0.2, 1), noise(seed(random))]
    const drop = random.chance(0.5)
    lay(canvas, [key, mix(key, other, 0.5), other], (x, y) => {
      const away = apart(x - cx, (y - cy) * (drop ? 1.7 : 1)) + 0.05 * wave(x * 4, y * 4)
      const swing = Math.sin(away * count * 6.3)
      return (
        0.5 +
        0.5 *
          (soft * swing + (1 - soft) * Math.sign(swing) * step(0, 0.25, Math.abs(swing))) *
          (drop ? Math.exp(-away * 1.3) : 1)
      )
    })
  },
}

const edge: Motif = {
  name: 'edge',
  colours: 'any',
  paint(canvas, key, random) {
    const other = contrast(key, random)
    const grain = fractal(seed(random), 4)
    lay(canvas, [shift(key, { light: -0.04 }), shift(key, { light: 0.05, hue: 8 })], (x, y) =>
      grain(x * 5, y * 5),
    )
    const side = half(
      random.between(0, 360),
      random.between(-0.28, 0.28),
      random.pick([0.012, 0.012, 0.05, 0.16]),
    )
    lay(
      canvas,
      [shift(other, { light: -0.05 }), shift(other, { light: 0.05, hue: -8 })],
      (x, y) => grain(x * 4, y * 4 + 9),
      side,
    )
  },
}

const wedge: Motif = {
  name: 'wedge',
  colours: 'any',
  paint(canvas, key, random) {
    const other = contrast(key, random)
    const angle = random.between(0, 360)
    const opening = random.between(50, 140)
    const [first, second] = [
      half(angle, random.between(-0.12, 0.12)),
      half(angle + opening, random.between(-0.12, 0.12)),
    ]
    const grain = fractal(seed(random), 3)
    lay(canvas, [key, shift(key, { light: 0.09, hue: 15 })], (x, y) => grain(x * 6, y * 6))
    lay(
      canvas,
      [other, shift(other, { light: 0.09, hue: -15 })],
      (x, y) => grain(x * 6, y * 6 + 4),
      (x, y) => first(x, y) * second(x, y),
    )
    if (random.chance(0.5))
      flat(canvas, mix(key, other, 0.5), (x, y) => 0.8 * first(x, y) * (1 - second(x, y)))
  },
}

const ribbon: Motif = {
  name: 'ribbon',
  colours: 'any',
  paint(canvas, key, random) {
    const other = contrast(key, random)
    const distance = along(random.between(0, 180))
    const across = along(random.between(0, 180))
    const [bend, width, at] = [
      random.between(-1.2, 1.2),
      random.between(0.06, 0.22),
      random.between(-0.15, 0.15),
    ]
    lay(canvas, [shift(key, { light: -0.05 }), shift(key, { light: 0.05 })], (x, y) => 0.5 + across(x, y))
    const side = (x: number, y: number): number =>
      (distance(x, y) - at - bend * (across(x, y) ** 2 - 0.08)) / width
    lay(
      canvas,
      [shift(other, { light: 0.12 }), other, shift(other, { light: -0.14 })],
      (x, y) => 0.5 + side(x, y) / 2,
      (x, y) => 1 - step(0.93, 1.07, Math.abs(side(x, y))),
    )
  },
}

const strokes: Motif = {
  name: 'strokes',
  colours: 'any',
  paint(canvas, key, random) {
    flat(canvas, shift(key, { light: -0.06 }))
    const flow = noise(seed(random))
    const [main, swirl, spread] = [random.between(0, 180), random.between(20, 200), random.between(8, 50)]
    const tone = fractal(seed(random), 2)
    for (let n = 0; n < 110; n++) {
      const [x, y, length] = [
        random.between(-0.05, 1.05),
        random.between(-0.05, 1.05),
        random.between(0.06, 0.16),
      ]
      const angle = turn(main + swirl * flow(x * 2, y * 2))
      const [dx, dy] = [Math.cos(angle) * length, Math.sin(angle) * length]
      const shade = shift(key, {
        light: (tone(x * 3, y * 3) - 0.5) * 0.5 + random.between(-0.06, 0.06),
        hue: random.between(-spread, spread),
        chroma: random.between(0.7, 1.3),
      })
      flat(canvas, shade, line(x - dx, y - dy, x + dx, y + dy, random.between(0.025, 0.06)))
    }
  },
}

const marble: Motif = {
  name: 'marble',
  colours: 'any',
  paint(canvas, key, random) {
    const distance = along(random.between(0, 180))
    const swirl = fractal(seed(random), 5)
    const [bands, strength] = [random.between(1, 4), random.between(0.6, 1.8)]
    const vein = contrast(key, random)
    lay(
      canvas,
      [vein, mix(vein, key, 0.7), key, shift(key, { light: 0.08 })],
      (x, y) =>
        Math.abs(Math.sin((distance(x, y) + strength * swirl(x * 2.5, y * 2.5)) * bands * 3.14)) ** 0.7,
    )
  },
}

const glow: Motif = {
  name: 'glow',
  colours: 'any',
  paint(canvas, key, random) {
    const [cx, cy, size] = [random.between(0.1, 0.9), random.between(0.1, 0.9), random.between(0.2, 0.5)]
    const other = contrast(key, random)
    const grain = fractal(seed(random), 3)
    lay(
      canvas,
      [other, mix(other, key, 0.6), key],
      (x, y) => apart(x - cx, y - cy) / (size * 2) + (grain(x * 6, y * 6) - 0.5) * 0.12,
    )
    if (random.chance(0.5))
      flat(
        canvas,
        colour(0.95, 0.05, 90),
        (x, y) => 0.25 * Math.exp(-((apart(x - cx, y - cy) / size) ** 2) * 6),
      )
  },
}

export const light: Motif[] = [wash, bokeh, rings, edge, wedge, ribbon, strokes, marble, glow]

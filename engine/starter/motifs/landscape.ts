/** Land, sky and water in natural colours. */

import { flat, lay } from '../canvas.ts'
import { type Colour, colour, mix, type Ramp, shift } from '../colour.ts'
import { fractal, noise } from '../noise.ts'
import type { Random } from '../random.ts'
import { apart, below, disc, ellipse, line, step } from '../shapes.ts'
import type { Motif } from './motif.ts'

const seed = (random: Random): number => random.integer(2 ** 31)

/** Sky from top to horizon, at a random time of day. */
function air(random: Random): Ramp {
  const blue = random.between(225, 262)
  const depth = random.between(0.35, 0.8)
  return random.pick<() => Ramp>([
    () => [colour(depth, 0.13, blue), colour(0.9, 0.05, blue - 15)],
    () => [colour(depth, 0.16, blue), colour(depth + 0.15, 0.1, blue - 10)],
    () => [colour(0.62, 0.02, blue), colour(random.between(0.8, 0.95), 0.015, 90)],
    () => [colour(depth - 0.1, 0.1, 285), colour(0.7, 0.13, 10), colour(0.86, 0.12, 70)],
    () => [colour(0.75, 0.07, blue), colour(0.92, 0.06, 40), colour(0.95, 0.06, 85)],
  ])()
}

/** A skyline of rolling or jagged land around a height. */
function ridge(random: Random, height: number, swing: number, octaves = 3): (x: number) => number {
  const field = fractal(seed(random), octaves)
  const pace = random.between(1, 5)
  const from = random.between(0, 50)
  return (x) => height + (field(from + x * pace, 0.5) - 0.5) * 2 * swing
}

const sky: Motif = {
  name: 'sky',
  colours: 'own',
  paint(canvas, _key, random) {
    lay(canvas, air(random), (_x, y) => y)
    const cloud = fractal(seed(random), 5)
    const [wide, tall, amount] = [random.between(1.5, 4), random.between(2.5, 7), random.between(0.28, 0.54)]
    const lit = colour(random.between(0.86, 0.99), 0.015, random.between(40, 260))
    const shade = shift(lit, { light: -random.between(0.12, 0.35), chroma: 1.6 })
    const thick = (x: number, y: number): number => step(amount, amount + 0.22, cloud(x * wide, y * tall))
    lay(
      canvas,
      [shade, lit],
      (x, y) => 0.5 + 3 * (cloud(x * wide, y * tall + 0.25) - cloud(x * wide, y * tall)),
      thick,
    )
  },
}

const sunset: Motif = {
  name: 'sunset',
  colours: 'own',
  paint(canvas, _key, random) {
    const warm = random.between(25, 75)
    const horizon = random.between(0.55, 0.9)
    const high = colour(random.between(0.25, 0.55), 0.12, random.between(265, 340))
    const low = colour(random.between(0.72, 0.9), 0.16, warm + 15)
    lay(canvas, [high, mix(high, colour(0.62, 0.19, warm), 0.75), low], (_x, y) => y / horizon)
    const [x0, y0, size] = [
      random.between(0.2, 0.8),
      horizon - random.between(0, 0.3),
      random.between(0.07, 0.17),
    ]
    flat(
      canvas,
      colour(0.93, 0.14, warm + 35),
      (x, y) => 0.75 * Math.exp((-((x - x0) ** 2 + (y - y0) ** 2) / (size * 5) ** 2) * 4),
    )
    flat(canvas, colour(0.97, 0.09, 100), disc(x0, y0, size))
    const streak = fractal(seed(random), 4)
    flat(canvas, mix(high, low, 0.3), (x, y) => 0.8 * step(0.52, 0.66, streak(x * 1.6, y * 11)))
    const ground = colour(random.between(0.1, 0.25), 0.04, warm - 40)
    flat(canvas, ground, below(ridge(random, horizon + 0.02, random.between(0, 0.12))))
  },
}

const hills: Motif = {
  name: 'hills',
  colours: 'own',
  paint(canvas, _key, random) {
    const far = air(random)
    lay(canvas, far, (_x, y) => y * 1.6)
    const hue = random.pick([135, 120, 145, 105, 75, 160, 250])
    const near = colour(random.between(0.25, 0.5), random.between(0.06, 0.12), hue)
    const haze = mix(far[far.length - 1]!, colour(0.75, 0.05, 240), 0.6)
    const count = 3 + random.integer(3)
    const start = random.between(0.18, 0.6)
    for (let layer = 1; layer <= count; layer++) {
      const share = layer / count
      const tone = mix(haze, near, share)
      const skyline = ridge(random, start + (1 - start) * (share - 0.7 / count), random.between(0.08, 0.26))
      const grain = fractal(seed(random), 3)
      lay(
        canvas,
        [shift(tone, { light: -0.06 }), shift(tone, { light: 0.09 })],
        (x, y) => 1.3 - (y - skyline(x)) * 4 + grain(x * 9, y * 14) - 0.6,
        below(skyline),
      )
      for (let tree = random.integer(5) - 1; tree > 0; tree--) {
        const [x, high] = [random.next(), (0.04 + 0.09 * share) * random.between(0.6, 1.4)]
        const crown = shift(mix(tone, near, 0.5), { light: -0.12 })
        flat(
          canvas,
          crown,
          ellipse(x, skyline(x) - high * 0.6, high * random.between(0.3, 0.8), high, 0, 0.15),
        )
      }
    }
  },
}

const peaks: Motif = {
  name: 'peaks',
  colours: 'own',
  paint(canvas, _key, random) {
    lay(canvas, air(random), (_x, y) => y * 1.4)
    const rock = colour(random.between(0.25, 0.5), 0.03, random.between(220, 290))
    const snow = colour(0.96, 0.01, 250)
    for (const [height, tone] of [
      [0.3, 0.5],
      [0.62, 0],
    ] as const) {
      const jag = fractal(seed(random), 4)
      const [top, slope] = [random.between(0.2, 0.8), random.between(0.5, 1.1)]
      const skyline = (x: number): number =>
        height - 0.15 + Math.abs(x - top) * slope + (jag(x * 6, 3) - 0.5) * 0.22
      const face = fractal(seed(random), 4)
      const base = mix(rock, colour(0.78, 0.04, 245), tone)
      lay(
        canvas,
        [base, shift(base, { light: 0.14 })],
        (x, y) => step(0.42, 0.58, face(x * 7 + y * 5, y * 4)),
        below(skyline, 0.01),
      )
      const line = random.between(0.16, 0.34)
      const mountain = below(skyline, 0.01)
      flat(
        canvas,
        mix(snow, base, tone * 0.4),
        (x, y) =>
          mountain(x, y) *
          (1 - step(-0.05, 0.05, y - skyline(x) - line * face(x * 8, y * 3 + 9) * 1.6)) *
          (x < top ? 0.75 : 1),
      )
    }
  },
}

const sea: Motif = {
  name: 'sea',
  colours: 'own',
  paint(canvas, _key, random) {
    const horizon = random.between(0.08, 0.62)
    lay(canvas, air(random), (_x, y) => y / horizon)
    const hue = random.between(195, 262)
    const deep = colour(random.between(0.2, 0.5), 0.1, hue)
    const bright = colour(random.between(0.6, 0.92), 0.07, hue - 15)
    const wave = fractal(seed(random), 4)
    const reach = (y: number): number => (y - horizon) / (1 - horizon) + 0.07
    lay(
      canvas,
      [deep, mix(deep, bright, 0.35), bright],
      (x, y) => {
        const depth = reach(y)
        return step(0.38, 0.75, wave((x * 2.2) / depth ** 0.6, 7 / depth + y * 5)) * 0.9 + 0.25 * (1 - depth)
      },
      (_x, y) => step(horizon - 0.008, horizon + 0.008, y),
    )
    if (random.chance(0.4)) {
      const x0 = random.between(0.2, 0.8)
      flat(canvas, colour(0.97, 0.05, 90), (x, y) =>
        y < horizon ? 0 : step(0.5, 0.62, wave(x * 9, y * 26)) * Math.exp(-(((x - x0) / 0.13) ** 2)),
      )
    }
    if (random.chance(0.35)) {
      const [x0, size] = [random.between(0.2, 0.8), random.between(0.08, 0.2)]
      const sail = (x: number, y: number): number =>
        step(0, 0.02, x - x0) *
        (1 - step(-0.02, 0.02, (x - x0) * 1.6 - (y - horizon + size))) *
        (1 - step(0, 0.02, y - horizon))
      flat(canvas, colour(0.98, 0.01, 80), sail)
      flat(
        canvas,
        colour(0.25, 0.05, 30),
        line(x0 - size * 0.3, horizon + 0.02, x0 + size * 0.7, horizon + 0.02, 0.035),
      )
    }
  },
}

const dunes: Motif = {
  name: 'dunes',
  colours: 'own',
  paint(canvas, _key, random) {
    lay(canvas, air(random), (_x, y) => y * 2)
    const sand = colour(random.between(0.6, 0.85), random.between(0.05, 0.11), random.between(58, 88))
    for (let layer = 0; layer < 4; layer++) {
      const skyline = ridge(random, random.between(0.12, 0.3) + layer * 0.2, 0.26, 1)
      const ripple = random.between(30, 70)
      const drift = noise(seed(random))
      const tone = shift(sand, { light: -0.04 * layer, chroma: 1 + 0.15 * layer })
      lay(
        canvas,
        [shift(tone, { light: 0.1 }), tone, shift(tone, { light: -0.22, hue: -12 })],
        (x, y) => {
          const down = y - skyline(x)
          return step(-0.02, 0.45, down) * 0.8 + 0.1 * Math.sin(down * ripple + drift(x * 4, y * 4) * 7)
        },
        below(skyline),
      )
    }
  },
}

const forest: Motif = {
  name: 'forest',
  colours: 'own',
  paint(canvas, _key, random) {
    const hue = random.pick([140, 125, 150, 100, 60, 210])
    const mist = colour(random.between(0.55, 0.92), 0.05, hue - 10)
    const ground = colour(random.between(0.2, 0.45), 0.08, hue)
    lay(canvas, [mist, mix(mist, ground, 0.5), ground], (_x, y) => y)
    const bark = colour(random.between(0.12, 0.3), 0.03, random.between(40, 140))
    const rows = 4
    for (let layer = 0; layer < rows; layer++) {
      const share = (layer + 1) / rows
      for (let tree = 0; tree < 9 - layer * 1.6; tree++) {
        const [x, lean, foot] = [random.next(), random.between(-0.06, 0.06), 0.55 + share * 0.4]
        flat(
          canvas,
          mix(mist, bark, share),
          line(x, -0.1, x + lean, foot, 0.02 + 0.07 * share * random.next(), 0.008),
        )
      }
      const crown = fractal(seed(random), 4)
      const tone = mix(mist, ground, share)
      lay(
        canvas,
        [shift(tone, { light: -0.05 }), shift(tone, { light: 0.1, chroma: 1.3 })],
        (x, y) => crown(y * 9, x * 9),
        (x, y) => 0.85 * step(0.5, 0.62, crown(x * 6, y * 6) + 0.22 - y * 0.55),
      )
    }
  },
}

const night: Motif = {
  name: 'night',
  colours: 'own',
  paint(canvas, _key, random) {
    const hue = random.between(245, 300)
    const top = colour(random.between(0.06, 0.2), 0.08, hue)
    lay(
      canvas,
      [top, shift(top, { light: random.between(0.04, 0.3), chroma: 1.5, hue: random.between(-60, 60) })],
      (_x, y) => y,
    )
    const dust = fractal(seed(random), 4)
    flat(
      canvas,
      colour(0.6, 0.1, hue + random.between(-70, 50)),
      (x, y) => 0.5 * step(0.5, 0.8, dust(x * 2.5 + y, y * 2.5)),
    )
    for (let star = 0; star < 30; star++) {
      const [x, y, size] = [random.next(), random.next() * 0.8, random.between(0.002, 0.014)]
      flat(canvas, colour(0.97, 0.03, random.between(0, 360)), disc(x, y, size, 0.01))
    }
    if (random.chance(0.65)) {
      const [x, y, size] = [random.between(0.2, 0.8), random.between(0.15, 0.5), random.between(0.08, 0.2)]
      const moon: Colour = colour(0.94, 0.04, 95)
      flat(
        canvas,
        moon,
        (px, py) =>
          0.35 *
          Math.exp(-(apart(px - x, py - y) / size - 1) * 2.2) *
          step(size * 0.5, size, apart(px - x, py - y)),
      )
      lay(canvas, [shift(moon, { light: -0.12 }), moon], (px, py) => dust(px * 14, py * 14), disc(x, y, size))
      if (random.chance(0.4))
        flat(canvas, shift(top, { light: 0.03 }), disc(x + size * 0.5, y - size * 0.15, size * 0.95))
    }
    flat(canvas, colour(0.06, 0.03, hue), below(ridge(random, random.between(0.75, 0.98), 0.1)))
    if (random.chance(0.3)) flat(canvas, colour(0.05, 0.02, hue), ellipse(random.next(), 0.95, 0.2, 0.3))
  },
}

export const landscape: Motif[] = [sky, sunset, hills, peaks, sea, dunes, forest, night]

/** Cloth, wood, stone and other things with a texture. */
import { flat, lay } from '../canvas.ts'
import { lightnessOf, shift } from '../colour.ts'
import { cellValue, fractal, noise } from '../noise.ts'
import type { Random } from '../random.ts'
import { along, apart, step, turn } from '../shapes.ts'
import type { Motif } from './motif.ts'

const seed = (random: Random): number => random.integer(2 ** 31)

/** Coordinates rotated by some degrees and scaled. */
function turned(degrees: number, scale: number): (x: number, y: number) => [u: number, v: number] {
  const [cos, sin] = [Math.cos(turn(degrees)) * scale, Math.sin(turn(degrees)) * scale]
  return (x, y) => [x * cos + y * sin + 40, y * cos - x * sin + 40]
}

const weave: Motif = {
  name: 'weave',
  colours: 'any',
  paint(canvas, key, random) {
    const place = turned(random.pick([0, 0, 45, random.between(0, 90)]), random.between(5, 9))
    const warp = shift(key, { hue: random.between(-50, 50), light: random.between(-0.16, 0.16) })
    const ramp = (tone: typeof key) => [shift(tone, { light: -0.22 }), tone, shift(tone, { light: 0.12 })]
    const [plaid, from] = [random.integer(3), seed(random)]
    const under = (x: number, y: number): boolean => {
      const [u, v] = place(x, y)
      return (Math.floor(u) + Math.floor(v)) % 2 === 0
    }
    const thread = (u: number, v: number): number =>
      0.15 + 0.75 * Math.sin(Math.PI * (u % 1)) * (0.55 + 0.45 * Math.sin(Math.PI * (v % 1)))
    lay(
      canvas,
      ramp(warp),
      (x, y) => thread(...place(x, y)) + (plaid ? 0.35 * cellValue(place(x, y)[0], 0, from) - 0.15 : 0),
    )
    lay(
      canvas,
      ramp(key),
      (x, y) => {
        const [u, v] = place(x, y)
        return thread(v, u) + (plaid ? 0.35 * cellValue(0, v, from) - 0.15 : 0)
      },
      (x, y) => (under(x, y) ? 1 : 0),
    )
  },
}

const stripes: Motif = {
  name: 'stripes',
  colours: 'any',
  paint(canvas, key, random) {
    const angle = random.between(0, 180)
    const distance = along(angle)
    const [bands, from, wobble] = [random.between(2.2, 7), seed(random), random.between(0, 0.08)]
    const bend = noise(seed(random))
    const other = shift(key, {
      light: lightnessOf(key) > 0.5 ? -random.between(0.1, 0.4) : random.between(0.1, 0.4),
      hue: random.between(-90, 90),
    })
    const third = shift(key, { light: random.between(-0.2, 0.2), hue: random.between(-40, 40), chroma: 0.7 })
    lay(canvas, [key, other, third], (x, y) => {
      const t = (distance(x, y) + wobble * bend(x * 3, y * 3) + 1) * bands
      const [here, next] = [cellValue(t, 0, from), cellValue(t + 1, 0, from)]
      return here + (next - here) * step(0.88, 1, t % 1)
    })
    const grain = fractal(seed(random), 3)
    flat(canvas, shift(key, { light: 0.25 }), (x, y) => 0.2 * grain(x * 20, y * 20))
  },
}

const checker: Motif = {
  name: 'checker',
  colours: 'any',
  paint(canvas, key, random) {
    const place = turned(random.pick([0, 45, random.between(0, 90)]), random.between(2, 5.5))
    const from = seed(random)
    const strict = random.chance(0.5)
    const other = shift(key, { light: lightnessOf(key) > 0.5 ? -0.3 : 0.3, hue: random.between(-70, 70) })
    lay(canvas, [other, key, shift(key, { light: 0.1 })], (x, y) => {
      const [u, v] = place(x, y)
      const tile = strict ? ((Math.floor(u) + Math.floor(v)) % 2) * 0.7 : cellValue(u, v, from)
      const bevel = Math.min(u % 1, v % 1) < 0.12 ? 0.2 : Math.max(u % 1, v % 1) > 0.88 ? -0.2 : 0
      return tile + bevel
    })
  },
}

const scales: Motif = {
  name: 'scales',
  colours: 'any',
  paint(canvas, key, random) {
    const [count, from, spin] = [
      random.between(3, 6),
      seed(random),
      turned(random.pick([0, 0, 180, 90, random.between(0, 360)]), 1),
    ]
    const dark = shift(key, { light: -0.3, hue: -20 })
    const light = shift(key, { light: 0.18, hue: 15 })
    lay(canvas, [light, key, dark], (px, py) => {
      const [u, v] = spin(px, py)
      const y = v * count
      for (let up = 0; up < 3; up++) {
        const row = Math.floor(y * 2) + 1 - up
        const x = u * count + (row & 1) / 2
        const away = apart((x % 1) - 0.5, y - row / 2) * 2
        if (away < 1.04) return 0.25 * cellValue(x, row, from) + away ** 3 * 0.75
      }
      return 1
    })
  },
}

const wood: Motif = {
  name: 'wood',
  colours: 'any',
  paint(canvas, key, random) {
    const place = turned(random.pick([0, 90, 0, 90, random.between(0, 180)]), 1)
    const grain = fractal(seed(random), 4)
    const [rings, knotX, knotY, planks, from] = [
      random.between(6, 16),
      random.between(40, 41),
      random.between(40, 41),
      random.between(1, 4),
      seed(random),
    ]
    lay(canvas, [shift(key, { light: -0.2, chroma: 1.15 }), key, shift(key, { light: 0.1 })], (x, y) => {
      const [u, v] = place(x, y)
      const knot = 0.12 / (0.25 + 14 * ((u - knotX) ** 2 + (v - knotY) ** 2))
      const t = (v + knot + 0.14 * grain(u * 1.5, v * 5)) * rings
      return (
        0.2 +
        0.5 * Math.abs((t % 1) * 2 - 1) +
        0.3 * grain(u * 5, v * 50) +
        0.4 * (cellValue(0, v * planks, from) - 0.5)
      )
    })
    flat(
      canvas,
      shift(key, { light: -0.35 }),
      (x, y) => 0.8 * (1 - step(0.01, 0.035, (place(x, y)[1] * planks) % 1)),
    )
  },
}

const cells: Motif = {
  name: 'stones',
  colours: 'any',
  paint(canvas, key, random) {
    const points = Array.from({ length: 10 + random.integer(34) }, () => ({
      x: random.between(-0.1, 1.1),
      y: random.between(-0.1, 1.1),
      tone: random.next(),
    }))
    const gap = shift(key, { light: lightnessOf(key) > 0.35 ? -0.28 : 0.22, chroma: 0.6 })
    const spread = random.between(10, 60)
    const rough = fractal(seed(random), 3)
    lay(
      canvas,
      [gap, shift(key, { light: -0.08, hue: -spread }), key, shift(key, { light: 0.16, hue: spread })],
      (x, y) => {
        let nearest = 9
        let second = 9
        let stone = points[0]!
        for (const point of points) {
          const away = apart(point.x - x, point.y - y)
          if (away < nearest) {
            second = nearest
            nearest = away
            stone = point
          } else if (away < second) second = away
        }
        const lit = stone.x - x + stone.y - y
        return (
          step(0.01, 0.05, second - nearest) *
          (0.35 + 0.5 * stone.tone + lit * 1.1 + 0.14 * (rough(x * 14, y * 14) - 0.5))
        )
      },
    )
  },
}

export const surface: Motif[] = [weave, stripes, checker, scales, wood, cells]

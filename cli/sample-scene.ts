/** The demo's picture, an evening over the sea: drawn by code, so that a clone needs no photo to start with. */
import { sharp } from '../engine/sharp.ts'
import { createCanvas, flat, lay, srgbPixels } from '../engine/starter/canvas.ts'
import { colour } from '../engine/starter/colour.ts'
import { fractal } from '../engine/starter/noise.ts'
import { below, disc, faint, line, rectangle, step } from '../engine/starter/shapes.ts'

const size = 768
const horizon = 0.62
/** Softness of edges: about two pixels. */
const crisp = 0.003
const sun = { x: 0.64, y: 0.46, radius: 0.075 }

/** A JPEG of 768x768 pixels, the same each time. */
export async function drawSampleScene(): Promise<Buffer> {
  const canvas = createCanvas(size)
  const clouds = fractal(7, 5)
  const waves = fractal(11, 4)
  const hills = fractal(23, 5)

  const high = colour(0.38, 0.1, 275)
  const rose = colour(0.68, 0.14, 15)
  const gold = colour(0.88, 0.13, 80)
  lay(canvas, [high, colour(0.52, 0.12, 300), rose, gold], (_x, y) => y / horizon)
  const glow = (x: number, y: number) => 1 - step(0.02, 0.42, Math.hypot(x - sun.x, y - sun.y))
  lay(canvas, [colour(0.94, 0.1, 90)], 0, (x, y) => 0.6 * glow(x, y))
  const cloud = (x: number, y: number) => 0.75 * step(0.52, 0.72, clouds(x * 2.2, y * 7)) * (1 - y / horizon)
  lay(canvas, [colour(0.5, 0.09, 320), colour(0.9, 0.09, 50)], (x, y) => clouds(x * 4 + 9, y * 9), cloud)
  flat(canvas, colour(0.97, 0.07, 95), disc(sun.x, sun.y, sun.radius, crisp))

  const range = (height: number, swing: number, pace: number, from: number) => (x: number) =>
    height + (hills(from + x * pace, 0.5) - 0.5) * swing
  flat(canvas, colour(0.48, 0.07, 310), faint(below(range(0.56, 0.22, 2.2, 0)), 0.85))
  flat(canvas, colour(0.36, 0.06, 290), below(range(0.61, 0.18, 3.1, 20)))

  // The sea, and the sun's reflection on it: wider and more broken towards the viewer.
  const sea = below(() => horizon, 0.002)
  const depth = (y: number) => (y - horizon) / (1 - horizon)
  lay(
    canvas,
    [colour(0.72, 0.1, 40), colour(0.42, 0.09, 265), colour(0.24, 0.07, 262)],
    (_x, y) => depth(y),
    sea,
  )
  const ripple = (x: number, y: number) => waves(x * (16 - 9 * depth(y)), y * (90 - 50 * depth(y)))
  const road = (x: number, y: number) =>
    sea(x, y) * step(0.42, 0.6, ripple(x, y)) * (1 - step(0.02, 0.1 + 0.2 * depth(y), Math.abs(x - sun.x)))
  flat(canvas, gold, road)

  // A lighthouse on its rock, for edges and small details.
  const dark = colour(0.2, 0.03, 280)
  flat(
    canvas,
    dark,
    below((x) => 0.84 + 2.6 * (x - 0.22) ** 2 + (hills(x * 9, 3) - 0.5) * 0.08),
  )
  flat(canvas, colour(0.9, 0.02, 80), rectangle(0.175, 0.44, 0.245, 0.85, crisp))
  for (const y of [0.5, 0.62, 0.74])
    flat(canvas, colour(0.52, 0.18, 28), rectangle(0.175, y, 0.245, y + 0.06, crisp))
  flat(canvas, dark, rectangle(0.165, 0.425, 0.255, 0.445, crisp))
  flat(canvas, colour(0.95, 0.12, 95), rectangle(0.185, 0.375, 0.235, 0.425, crisp))
  flat(canvas, dark, line(0.18, 0.375, 0.24, 0.375, 0.025, crisp))
  flat(canvas, colour(0.95, 0.1, 95), faint(line(0.25, 0.4, 1.3, 0.24, 0.035), 0.25))

  const raw = { width: size, height: size, channels: 3 } as const
  return await sharp(srgbPixels(canvas), { raw }).jpeg({ quality: 92 }).toBuffer()
}

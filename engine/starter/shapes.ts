/** Shapes as coverage: 1 inside, 0 outside, with a soft edge against aliasing. */
import type { Box, Shade, Shape } from './canvas.ts'

/** Rises from 0 at `low` to 1 at `high`, smooth at both ends (smoothstep). */
export function step(low: number, high: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - low) / (high - low)))
  return t * t * (3 - 2 * t)
}

export const turn = (degrees: number): number => (degrees * Math.PI) / 180

/** Distance along a direction (degrees, 0 to the right, 90 down) from the centre: about -0.7..0.7. */
export function along(degrees: number): Shade {
  const across = Math.cos(turn(degrees))
  const down = Math.sin(turn(degrees))
  return (x, y) => (x - 0.5) * across + (y - 0.5) * down
}

/** Half of the plane: where {@link along} exceeds `offset`. */
export function half(degrees: number, offset = 0, softness = 0.015): Shade {
  const side = along(degrees)
  return (x, y) => step(offset - softness, offset + softness, side(x, y))
}

export function disc(cx: number, cy: number, radius: number, softness = 0.012): Shape {
  const cover: Shade = (x, y) => 1 - step(radius - softness, radius + softness, apart(x - cx, y - cy))
  return within(cover, around(cx, cy, radius + softness))
}

/** `rx` across and `ry` down before rotation. */
export function ellipse(cx: number, cy: number, rx: number, ry: number, degrees = 0, softness = 0.06): Shape {
  const cos = Math.cos(turn(degrees))
  const sin = Math.sin(turn(degrees))
  const cover: Shade = (x, y) => {
    const u = ((x - cx) * cos + (y - cy) * sin) / rx
    const v = ((y - cy) * cos - (x - cx) * sin) / ry
    return 1 - step(1 - softness, 1 + softness, apart(u, v))
  }
  return within(cover, around(cx, cy, Math.max(rx, ry) * (1 + softness)))
}

/** A leaf or petal: pointed at both ends, from (x0, y0) to (x1, y1), with a maximum width of `width`. */
export function leaf(x0: number, y0: number, x1: number, y1: number, width: number): Shape {
  const length = Math.hypot(x1 - x0, y1 - y0)
  const ux = (x1 - x0) / length
  const uy = (y1 - y0) / length
  const cover: Shade = (x, y) => {
    const t = ((x - x0) * ux + (y - y0) * uy) / length
    if (t <= 0 || t >= 1) return 0
    const side = Math.abs((y - y0) * ux - (x - x0) * uy)
    const rim = (width / 2) * Math.sin(Math.PI * t ** 0.8)
    return 1 - step(rim - 0.012, rim + 0.012, side)
  }
  return within(cover, around((x0 + x1) / 2, (y0 + y1) / 2, Math.max(length, width) / 2 + 0.012))
}

/** A round-ended line. */
export function line(x0: number, y0: number, x1: number, y1: number, width: number, softness = 0.01): Shape {
  const dx = x1 - x0
  const dy = y1 - y0
  const squared = Math.max(1e-9, dx * dx + dy * dy)
  const cover: Shade = (x, y) => {
    const t = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / squared))
    return 1 - step(width / 2 - softness, width / 2 + softness, apart(x - x0 - t * dx, y - y0 - t * dy))
  }
  const reach = width / 2 + softness
  return within(cover, {
    left: Math.min(x0, x1) - reach,
    top: Math.min(y0, y1) - reach,
    right: Math.max(x0, x1) + reach,
    bottom: Math.max(y0, y1) + reach,
  })
}

export function rectangle(left: number, top: number, right: number, bottom: number, softness = 0.008): Shade {
  return (x, y) =>
    step(left - softness, left + softness, x) *
    (1 - step(right - softness, right + softness, x)) *
    step(top - softness, top + softness, y) *
    (1 - step(bottom - softness, bottom + softness, y))
}

/** Everything below a skyline that gives a height (0 top, 1 bottom) for each x. */
export function below(skyline: (x: number) => number, softness = 0.012): Shade {
  return (x, y) => {
    const edge = skyline(x)
    return step(edge - softness, edge + softness, y)
  }
}

/** The same shape with reduced opacity. */
export function faint(shape: Shape, strength: number): Shape {
  const cover: Shade = (x, y) => shape(x, y) * strength
  return shape.box ? within(cover, shape.box) : cover
}

const within = (cover: Shade, box: Box): Shape => Object.assign(cover, { box })

/** `Math.hypot` guards against overflow but is ten times slower. */
export const apart = (dx: number, dy: number): number => Math.sqrt(dx * dx + dy * dy)

function around(cx: number, cy: number, reach: number): Box {
  return { left: cx - reach, top: cy - reach, right: cx + reach, bottom: cy + reach }
}

/** Colours to paint with: OKLab by lightness, chroma and hue, limited to the sRGB gamut. */
import { linearFromOklab } from '../oklab.ts'
import type { Random } from './random.ts'

/** L 0..1, a and b about -0.3..0.3. */
export type Colour = readonly [L: number, a: number, b: number]

/** Evenly spaced colours from one end to the other. */
export type Ramp = readonly Colour[]

export function showable([L, a, b]: Colour): boolean {
  const slack = 0.002
  return linearFromOklab(L, a, b).every((light) => light >= -slack && light <= 1 + slack)
}

/** Lightness 0..1, chroma 0..0.32, hue in degrees (29 red, 70 orange, 110 yellow, 142 green, 230 sky, 264 blue). */
export function colour(lightness: number, chroma: number, hue: number): Colour {
  const L = Math.min(0.995, Math.max(0.02, lightness))
  const radians = (hue * Math.PI) / 180
  const at = (c: number): Colour => [L, c * Math.cos(radians), c * Math.sin(radians)]
  if (showable(at(chroma))) return at(chroma)
  let inside = 0
  let outside = chroma
  for (let step = 0; step < 10; step++) {
    const middle = (inside + outside) / 2
    if (showable(at(middle))) inside = middle
    else outside = middle
  }
  return at(inside)
}

export const lightnessOf = ([L]: Colour): number => L
export const chromaOf = ([, a, b]: Colour): number => Math.hypot(a, b)
export const hueOf = ([, a, b]: Colour): number => (Math.atan2(b, a) * 180) / Math.PI

/** The same colour, changed in lightness, chroma (as a factor) and hue (in degrees). */
export function shift(from: Colour, by: { light?: number; chroma?: number; hue?: number }): Colour {
  return colour(
    lightnessOf(from) + (by.light ?? 0),
    chromaOf(from) * (by.chroma ?? 1),
    hueOf(from) + (by.hue ?? 0),
  )
}

export function mix(from: Colour, to: Colour, share: number): Colour {
  return [
    from[0] + (to[0] - from[0]) * share,
    from[1] + (to[1] - from[1]) * share,
    from[2] + (to[2] - from[2]) * share,
  ]
}

/**
 * Evenly spread points of a cube: the R3 sequence (Martin Roberts, 2018), a golden ratio in three dimensions.
 */
function spread(index: number, axis: 1 | 2 | 3): number {
  const plastic = 1.2207440846057596
  return (0.5 + index * plastic ** -axis) % 1
}

/**
 * The first `count` colours of an even cover of the sRGB gamut, including darks and near-whites. Two of five
 * are desaturated, because most of a photo is near grey.
 */
export function gamutCover(count: number): Colour[] {
  const colours: Colour[] = []
  for (let index = 1; colours.length < count; index++) {
    const calm = index % 5 < 2 ? 0.35 : 1
    const candidate: Colour = [
      0.08 + 0.91 * spread(index, 1) ** 0.85,
      (spread(index, 2) * 0.56 - 0.25) * calm,
      (spread(index, 3) * 0.54 - 0.32) * calm,
    ]
    if (showable(candidate)) colours.push(candidate)
  }
  return colours
}

/** Skin from deep brown to pale rose. */
export function skin(random: Random): Colour {
  const lightness = random.between(0.3, 0.88)
  return colour(lightness, random.between(0.05, 0.1) * (1.15 - 0.4 * lightness), random.between(38, 68))
}

/**
 * OKLab, a colour space in which equal distances look about equally different. Matrices: Björn Ottosson, "A
 * perceptual color space for image processing", 2020, https://bottosson.github.io/posts/oklab/ ; sRGB
 * transfer curve: IEC 61966-2-1.
 */

/** Linear light, 0..1, of each 8-bit sRGB value. */
export const linearFromSrgb: Float32Array = Float32Array.from({ length: 256 }, (_, value) =>
  lightOf(value / 255),
)

function lightOf(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

/* 16 bits of light distinguish all 8-bit values: the darkest two are 20 steps apart. */
const srgbByLight = new Uint8Array(65_536)
/*
 * Filled by ranges from the midpoints between values: a power per entry would take each thread 20 ms at
 * startup.
 */
for (let value = 1; value < 256; value++)
  srgbByLight.fill(value, Math.ceil(lightOf((value - 0.5) / 255) * 65_535))

/** 8-bit sRGB of linear light, clipped to 0..1. */
export function srgbFromLinear(light: number): number {
  if (!(light > 0)) return 0
  return light >= 1 ? 255 : srgbByLight[(light * 65_535 + 0.5) | 0]!
}

/** Writes L (0..1), a, b (about -0.4..0.4) of linear-light sRGB (0..1) to `out[at..at + 2]`. */
export function oklabFromLinear(r: number, g: number, b: number, out: Float32Array, at: number): void {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  out[at] = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s
  out[at + 1] = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s
  out[at + 2] = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
}

/** Linear-light sRGB of an OKLab colour; outside 0..1 if out of gamut. */
export function linearFromOklab(L: number, a: number, b: number): [r: number, g: number, b: number] {
  const l = L + 0.3963377774 * a + 0.2158037573 * b
  const m = L - 0.1055613458 * a - 0.0638541728 * b
  const s = L - 0.0894841775 * a - 1.291485548 * b
  const long = l * l * l
  const medium = m * m * m
  const short = s * s * s
  return [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ]
}

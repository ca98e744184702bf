/** The small mosaic next to the heading: a sun over water, drawn by code, so that the page needs no picture file. */
const columns = 36
const rows = 18

/** Deterministic noise for a cell, 0..1. */
const noise = (x: number, y: number) => {
  const n = Math.sin(x * 127.1 + y * 311.7) * 43_758.545
  return n - Math.floor(n)
}

type Rgb = readonly [number, number, number]
const mix = (a: Rgb, b: Rgb, t: number): Rgb => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
]

const indigo: Rgb = [58, 44, 140]
const magenta: Rgb = [205, 66, 132]
const coral: Rgb = [255, 128, 88]
const amber: Rgb = [255, 190, 84]
const light: Rgb = [255, 236, 178]
const navy: Rgb = [34, 30, 88]
const teal: Rgb = [26, 146, 150]

const sky = (height: number): Rgb =>
  height < 0.45
    ? mix(indigo, magenta, height / 0.45)
    : height < 0.8
      ? mix(magenta, coral, (height - 0.45) / 0.35)
      : mix(coral, amber, (height - 0.8) / 0.2)

function scene(x: number, y: number): Rgb {
  const horizon = 11.5
  const sunX = 24
  const fromSun = Math.hypot(x - sunX, (y - horizon + 1.5) * 1.05)
  const hills = 3.6 * Math.sin(x * 0.26 + 0.6) + 1.2 * Math.sin(x * 0.9) - x * 0.12
  if (y > horizon) {
    const depth = (y - horizon) / (rows - horizon)
    const water = mix(mix(coral, teal, 0.55 + depth * 0.45), navy, depth * 0.75)
    const glitter = Math.abs(x - sunX) < 1 + depth * 5 && noise(x + 9, y) > 0.42
    return glitter ? mix(amber, water, depth * 0.55) : water
  }
  if (horizon - y < hills) return mix(navy, [92, 48, 134], (horizon - y) / 6)
  if (fromSun < 3.2) return mix(light, amber, fromSun / 5)
  return mix(sky(y / horizon), amber, Math.max(0, 0.75 - fromSun / 11))
}

/** One path per colour takes a fifth of the bytes of one rectangle per cell. */
const paths = (() => {
  const byColour = new Map<string, string>()
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const lightness = 0.86 + noise(x, y) * 0.28
      const colour = scene(x, y)
        .map((channel) => Math.min(15, Math.round((channel * lightness) / 17)).toString(16))
        .join('')
      byColour.set(colour, `${byColour.get(colour) ?? ''}M${x} ${y}h.92v.92h-.92z`)
    }
  }
  return [...byColour]
})()

export const Scene = () => (
  <svg
    class="scene"
    viewBox={`0 0 ${columns} ${rows}`}
    aria-hidden="true"
    preserveAspectRatio="xMidYMid slice"
  >
    {paths.map(([colour, path]) => (
      <path fill={`#${colour}`} d={path} />
    ))}
  </svg>
)

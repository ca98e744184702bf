/** The visible part of a mosaic in the page's URL: `#at=0.5123,0.3344,12.5`. */

export interface View {
  /** Centre, 0..1 of the mosaic's width and height. */
  x: number
  y: number
  /** Magnification relative to the whole mosaic in view. */
  zoom: number
}

export function viewInAddress(hash = location.hash): View | undefined {
  const numbers = /^#at=([\d.]+),([\d.]+),([\d.]+)$/.exec(hash)?.slice(1).map(Number)
  if (!numbers?.every(Number.isFinite)) return undefined
  const [x = 0, y = 0, zoom = 1] = numbers
  return { x: Math.min(1, x), y: Math.min(1, y), zoom: Math.min(10_000, Math.max(0.1, zoom)) }
}

/** The whole mosaic in view needs no hash. */
export function putViewInAddress({ x, y, zoom }: View): void {
  const whole = Math.abs(zoom - 1) < 0.05
  const hash = whole ? '' : `#at=${x.toFixed(4)},${y.toFixed(4)},${Number(zoom.toPrecision(3))}`
  if (hash === location.hash) return
  history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`)
}

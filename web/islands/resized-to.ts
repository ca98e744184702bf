/** The size that a picture will have, by the rules of CSS object-fit and of sharp, which `engine/resize.ts` follows. */

export interface Size {
  width: number
  height: number
}

export const fits = ['cover', 'contain', 'fill', 'inside', 'outside'] as const
export type Fit = (typeof fits)[number]
export const isFit = (text: string): text is Fit => (fits as readonly string[]).includes(text)

/** @returns nothing when neither side is wanted */
export function resizedTo(
  { width, height }: Size,
  wanted: { width?: number | undefined; height?: number | undefined },
  fit: Fit,
): Size | undefined {
  const byWidth = wanted.width === undefined ? undefined : wanted.width / width
  const byHeight = wanted.height === undefined ? undefined : wanted.height / height
  if (byWidth === undefined && byHeight === undefined) return undefined
  if (fit === 'fill') return { width: wanted.width ?? width, height: wanted.height ?? height }
  if (wanted.width !== undefined && wanted.height !== undefined && fit !== 'inside' && fit !== 'outside')
    return { width: wanted.width, height: wanted.height }
  const both = [byWidth, byHeight].filter((scale) => scale !== undefined)
  const scale = fit === 'outside' ? Math.max(...both) : Math.min(...both)
  const side = (pixels: number) => Math.max(1, Math.round(pixels * scale))
  return { width: side(width), height: side(height) }
}

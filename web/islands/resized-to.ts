/** The resulting size of a picture, by the rules of CSS object-fit and sharp, as in `engine/resize.ts`. */

export interface Size {
  width: number
  height: number
}

export const fits = ['cover', 'contain', 'fill', 'inside', 'outside'] as const
export type Fit = (typeof fits)[number]
export const isFit = (text: string): text is Fit => (fits as readonly string[]).includes(text)

export interface WantedSize {
  width?: number | undefined
  height?: number | undefined
  withoutEnlargement?: boolean | undefined
}

/** @returns undefined without a width or a height */
export function resizedTo({ width, height }: Size, wanted: WantedSize, fit: Fit): Size | undefined {
  const most = wanted.withoutEnlargement ? 1 : Number.POSITIVE_INFINITY
  const scales = [
    ...(wanted.width === undefined ? [] : [wanted.width / width]),
    ...(wanted.height === undefined ? [] : [wanted.height / height]),
  ]
  if (scales.length === 0) return undefined
  const scaled = (side: number, scale: number) => Math.max(1, Math.round(side * Math.min(most, scale)))
  if (fit === 'fill')
    return {
      width: scaled(width, (wanted.width ?? width) / width),
      height: scaled(height, (wanted.height ?? height) / height),
    }
  const scale = fit === 'outside' || fit === 'cover' ? Math.max(...scales) : Math.min(...scales)
  const size = { width: scaled(width, scale), height: scaled(height, scale) }
  const { width: across = size.width, height: down = size.height } = wanted
  // Borders fill the remaining space.
  if (fit === 'contain') return { width: across, height: down }
  return fit === 'cover' ? { width: Math.min(size.width, across), height: Math.min(size.height, down) } : size
}

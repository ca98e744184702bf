/** A part of a mosaic that is rendered at a time. */
export interface Region {
  /** How many times the mosaic is halved. */
  halvings: number
  /** In pixels of the halved mosaic. */
  left: number
  top: number
  width: number
  height: number
  /** Four bytes a pixel, 0 in the fourth where there is no cell. For regions of the mosaic as it is, not halved. */
  transparent?: boolean | undefined
}

/** Bytes of a region's pixels, transparency apart. */
export const regionBytes = ({ width, height }: Region): number => width * height * 3

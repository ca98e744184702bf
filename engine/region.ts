/** A part of a mosaic that is rendered at once. */
export interface Region {
  /** How often the mosaic is halved. */
  halvings: number
  /** In pixels of the halved mosaic. */
  left: number
  top: number
  width: number
  height: number
  /** RGBA, with alpha 0 where there is no cell. Only for regions of the full-size mosaic. */
  transparent?: boolean | undefined
}

/** RGB bytes of a region, without alpha. */
export const regionBytes = ({ width, height }: Region): number => width * height * 3

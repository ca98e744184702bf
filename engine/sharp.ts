/**
 * sharp as this project runs it: only decoders that photos need are reachable, because libvips sniffs content
 * and would hand a stranger's bytes to whichever of its loaders claims them (SVG, PDF, ImageMagick, ...).
 */
import sharp from 'sharp'

sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: [
    'VipsForeignLoadJpeg',
    'VipsForeignLoadPng',
    'VipsForeignLoadWebp',
    'VipsForeignLoadNsgif',
    'VipsForeignLoadHeif',
    'VipsForeignLoadTiff',
  ],
})
/* Every picture is decoded once: libvips' operation cache would only hold memory. */
sharp.cache(false)

export type { Sharp } from 'sharp'
export { sharp }

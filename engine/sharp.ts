/**
 * sharp with only the decoders that photos need, because libvips sniffs content and would pass a stranger's
 * bytes to any of its loaders that claims them (SVG, PDF, ImageMagick, ...).
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
/* Every picture is decoded once, so libvips' operation cache would only use memory. */
sharp.cache(false)

export type { Sharp } from 'sharp'
export { sharp }

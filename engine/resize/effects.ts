import type { Sharp } from '../sharp.ts'
import type { Output } from './options.ts'

/** Effects on the resized pixels. libvips applies them in its own order: blur, sharpen, tint. */
export function applyEffects(picture: Sharp, { flip, blur, sharpen, grayscale, tint }: Output): Sharp {
  if (flip === 'vertical' || flip === 'both') picture.flip()
  if (flip === 'horizontal' || flip === 'both') picture.flop()
  if (blur) picture.blur(blur)
  if (sharpen) sharpen === true ? picture.sharpen() : picture.sharpen({ sigma: sharpen })
  if (grayscale) picture.grayscale()
  if (tint) picture.tint(tint)
  return picture
}

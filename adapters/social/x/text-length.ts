/**
 * A text's length by X's rules: twitter-text's configuration v3 (https://github.com/twitter/twitter-text, `v3.json`), where
 * characters of the Latin, Greek, Cyrillic and similar scripts weigh 1, all others 2, an emoji 2 and a link 23.
 */
export const longestText = 280

const linkWeight = 23
const emoji = /\p{Emoji_Presentation}|\p{Regional_Indicator}|\ufe0f/u
/** Code points that weigh 1. */
const light: readonly (readonly [number, number])[] = [
  [0, 4351],
  [8192, 8205],
  [8208, 8223],
  [8242, 8247],
]

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

export function textLength(text: string): number {
  const links = text.match(/https?:\/\/\S+/g) ?? []
  const rest = text.replaceAll(/https?:\/\/\S+/g, '').normalize('NFC')
  let length = links.length * linkWeight
  for (const { segment } of segmenter.segment(rest))
    length += emoji.test(segment) ? 2 : [...segment].reduce((sum, letter) => sum + weight(letter), 0)
  return length
}

function weight(letter: string): number {
  const point = letter.codePointAt(0)!
  return light.some(([from, to]) => point >= from && point <= to) ? 1 : 2
}

/** The text of a reply, from the operator's template, short enough for the network. */

interface Values {
  handle: string
  author: string
  link: string
}

/** Lengths to which a name is cut if the text is too long, in characters as people count them. */
const nameLengths = [60, 30, 15]

/** Fills in the template: with a shorter name, or with nothing but handle and link, if the text would be too long. */
export function answerText(template: string, values: Values, fits: (text: string) => boolean): string {
  const { handle, author, link } = values
  const names = [author, ...nameLengths.map((length) => cut(author, length))]
  const texts = names.map((name) => fill(template, { handle, author: name, link }))
  return texts.find(fits) ?? `@${handle} ${link}`
}

function fill(template: string, values: Values): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name as keyof Values] ?? whole)
}

function cut(name: string, length: number): string {
  const letters = Array.from(new Intl.Segmenter('en').segment(name), ({ segment }) => segment)
  return letters.length <= length ? name : `${letters.slice(0, length - 1).join('')}…`
}

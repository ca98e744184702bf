/** The text of an answer, from the operator's template, short enough for the network. */

interface Values {
  handle: string
  author: string
  link: string
}

/** What a name is cut to when the text is too long, letters as people count them. */
const nameLengths = [60, 30, 15]

/** The template filled in; with a shorter name, or without anything but who and where, when that is too long. */
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

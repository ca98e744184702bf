/** X's search operators, as far as used here: implicit AND, `OR`, groups, `-`. */
import { type FakePost, hashtags, mentions, type World } from './world.ts'

type Test = (post: FakePost, world: World) => boolean

/** @throws for unknown operators, so that a typing error does not match everything */
export function parseQuery(query: string): Test {
  const words = query.match(/\(|\)|-?[^\s()]+/g) ?? []
  let at = 0
  const any = (): Test => {
    const sides = [all()]
    while (words[at] === 'OR') {
      at++
      sides.push(all())
    }
    return (post, world) => sides.some((side) => side(post, world))
  }
  const all = (): Test => {
    const parts: Test[] = []
    while (at < words.length && words[at] !== ')' && words[at] !== 'OR') parts.push(one())
    if (parts.length === 0) throw new Error(`expected an operator in ${query}`)
    return (post, world) => parts.every((part) => part(post, world))
  }
  const one = (): Test => {
    const word = words[at++]!
    if (word === '(') {
      const inner = any()
      if (words[at++] !== ')') throw new Error(`expected ) in ${query}`)
      return inner
    }
    if (word.startsWith('-')) {
      const inner = operator(word.slice(1))
      return (post, world) => !inner(post, world)
    }
    return operator(word)
  }
  const test = any()
  if (at < words.length) throw new Error(`expected the end of ${query}`)
  return test
}

function operator(word: string): Test {
  if (word.startsWith('#')) return ({ text }) => hashtags(text).includes(word.slice(1).toLowerCase())
  if (word.startsWith('@')) return ({ text }) => mentions(text).includes(word.slice(1).toLowerCase())
  if (word === 'has:images') return ({ media }) => media.some(({ type }) => type === 'photo')
  if (word === 'is:retweet') return ({ reposts }) => reposts !== undefined
  if (word.startsWith('lang:')) return ({ lang }) => lang === word.slice(5)
  if (word.startsWith('from:'))
    return ({ author_id }, world) => world.user(author_id).username === word.slice(5)
  if (/^\w+$/.test(word)) return ({ text }) => text.toLowerCase().includes(word.toLowerCase())
  throw new Error(`expected an operator, got ${word}`)
}

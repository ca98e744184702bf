/** Block lists of handles and of words in posts. Kept in the store, one object per entry. */
import * as layout from '../object-store/layout.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import { objectsUnder } from '../object-store/objects-under.ts'

export type BlockKind = 'handle' | 'word'

export interface Blocked {
  kind: BlockKind
  /** Lower case; a handle without `@`. */
  value: string
}

/** How long changes by other processes may go unnoticed, ms. */
const freshFor = 5_000

export interface BlockList {
  /** A repeat is a no-op. */
  add(entry: Blocked): Promise<void>
  remove(entry: Blocked): Promise<void>
  all(): Promise<Blocked[]>
  /** The entry that blocks it, if any. */
  against(what: { handle?: string | undefined; text?: string | undefined }): Promise<Blocked | undefined>
}

export function openBlockList(store: ObjectStore, now: () => number = Date.now): BlockList {
  let known: { at: number; handles: Set<string>; words: Set<string> } | undefined

  async function all(): Promise<Blocked[]> {
    const folder = layout.moderation.blockedPrefix
    const entries: Blocked[] = []
    for await (const { key } of objectsUnder(store, folder)) {
      const [kind, value] = key.slice(folder.key.length).split('/')
      if (kind && value) entries.push({ kind: kind as BlockKind, value: decodeURIComponent(value) })
    }
    return entries
  }

  return {
    all,

    async add(entry) {
      const { bucket, key } = placeOf(entry)
      await store.put(bucket, key, new Uint8Array())
      known = undefined
    },

    async remove(entry) {
      const { bucket, key } = placeOf(entry)
      await store.delete(bucket, key)
      known = undefined
    },

    async against({ handle = '', text = '' }) {
      if (!known || now() - known.at > freshFor) {
        const entries = await all()
        const of = (kind: BlockKind) =>
          new Set(entries.filter((entry) => entry.kind === kind).map(({ value }) => value))
        known = { at: now(), handles: of('handle'), words: of('word') }
      }
      const name = plain('handle', handle)
      if (known.handles.has(name)) return { kind: 'handle', value: name }
      if (known.words.size === 0) return undefined
      const word = text
        .toLowerCase()
        .split(/[^\p{L}\p{N}\p{M}_]+/u)
        .find((one) => known!.words.has(one))
      return word === undefined ? undefined : { kind: 'word', value: word }
    },
  }
}

const placeOf = ({ kind, value }: Blocked) => layout.moderation.blocked(kind, plain(kind, value))

/** Normalises: handles are case-insensitive, and a word is the same with and without `#`. */
export const plain = (kind: BlockKind, value: string) =>
  value
    .trim()
    .replace(kind === 'handle' ? /^@/ : /^#/, '')
    .toLowerCase()

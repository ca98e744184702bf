/** The accounts on the fake Bluesky. */
import { createHash } from 'node:crypto'

export const account = 'mosaicbot.example'
export const password = 'fake-app-password'

/** As in `did:plc`: 24 characters of base 32. */
export const didOf = (handle: string): string =>
  `did:plc:${[...createHash('sha256').update(handle).digest().subarray(0, 24)]
    .map((byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31])
    .join('')}`

export const own = { handle: account, did: didOf(account) }

export interface FakePost {
  uri: string
  number: number
  indexedAt: string
  by: string
  name: string
  text: string
  language: string
  sensitive: boolean
  photos: number
  tags: string[]
  deleted: boolean
}

export interface PostWanted {
  text: string
  by?: string
  name?: string
  photos?: number
  language?: string
  sensitive?: boolean
  /** Difference between the record's key, which its author chooses, and the real time, ms. */
  keyOffMs?: number
}

/** Job IDs: their format, and how new ones are generated. A job's ID is its workflow's ID. */
import { createHash, randomBytes } from 'node:crypto'
import type { JobType } from '../../workflows/contract/job.ts'

const shape = /^(mosaic|resize|tiles|bulk)-[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$/

/** The type in a job ID; `undefined` for strings that cannot be one. Asks no server. */
export const jobTypeOf = (id: string) => shape.exec(id)?.[1] as JobType | undefined

/** Crockford's base 32, lower case: no two characters are easily confused. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** 26 characters, as in a ULID: 48 bits of milliseconds, so that IDs sort by time, then 80 random bits. */
export function newJobId(type: JobType, now: number): string {
  const time = Buffer.alloc(6)
  time.writeUIntBE(now, 0, 6)
  return `${type}-${base32(time, 10)}${base32(randomBytes(10), 16)}`
}

/**
 * The ID that an idempotency key stands for. A key stands for a series of IDs: after 24 hours it can be used again, with the next
 * `generation`, which nothing in the store or in Temporal has been named after.
 */
export function keyedJobId(type: JobType, caller: string, key: string, generation: number): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([caller, key, generation]))
    .digest()
  return `${type}-${base32(digest, 26)}`
}

/** The first `length` characters, five bits each, of the bytes as one number. */
function base32(bytes: Uint8Array, length: number): string {
  const bits = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  const spare = BigInt(bytes.length * 8)
  let letters = ''
  for (let at = 1; at <= length; at++) {
    const shift = spare - BigInt(5 * at)
    const letter = shift >= 0n ? bits >> shift : bits << -shift
    letters += alphabet[Number(letter & 31n)]
  }
  return letters
}

/**
 * Record keys of Bluesky: microseconds since 1970 and ten more bits, in a base 32 whose characters sort like its numbers.
 * https://atproto.com/specs/tid
 */
const letters = '234567abcdefghijklmnopqrstuvwxyz'
const length = 13

export const isTid = (text: string): boolean => /^[234567abcdefghij][234567a-z]{12}$/.test(text)

/** @param clock 0..1023 */
export function tidOf(micros: bigint, clock: number): string {
  let number = (micros << 10n) | BigInt(clock)
  let text = ''
  for (let at = 0; at < length; at++) {
    text = letters[Number(number & 31n)]! + text
    number >>= 5n
  }
  return text
}

export function microsOf(tid: string): bigint {
  let number = 0n
  for (const letter of tid) number = (number << 5n) | BigInt(letters.indexOf(letter))
  return number >> 10n
}

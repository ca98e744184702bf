import { InvalidArgumentError } from 'commander'

/** Reads the value of an option that is a number. */
export const number = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Expected a number.')
  return value
}

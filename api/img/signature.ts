/** Signatures of addresses, compatible with imgproxy: HMAC-SHA256 over salt and path, base64url without padding. */
import { createHmac, timingSafeEqual } from 'node:crypto'

export interface SigningKey {
  key: Buffer
  salt: Buffer
}

const hmac = ({ key, salt }: SigningKey, path: string) =>
  createHmac('sha256', key).update(salt).update(path).digest()

/**
 * @param path everything after the signature, including its slash: `/rs:fit:300:200/plain/https://example.org/a.jpg`
 * @example
 * const path = '/rs:fill:300:200/plain/https://example.org/a.jpg'
 * const address = `https://mosaic.example/img/${signPath(key, path)}${path}`
 */
export const signPath = (key: SigningKey, path: string): string => hmac(key, path).toString('base64url')

/** Compares in constant time. */
export function isSigned(key: SigningKey, signature: string, path: string): boolean {
  const sent = Buffer.from(signature, 'base64url')
  const expected = hmac(key, path)
  return sent.length === expected.length && timingSafeEqual(sent, expected)
}

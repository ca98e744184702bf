/**
 * User metadata. S3 allows 2 KB of US-ASCII, so names and values are percent-encoded, with the same limit in all drivers. Longer
 * data belongs in an object of its own.
 */
import { ObjectStoreError } from './object-store.ts'

const maxBytes = 2048

/** @throws {ObjectStoreError} `invalid_metadata`, `metadata_too_large` */
export function encodeMetadata(metadata: Record<string, string>): Record<string, string> {
  const encoded: Record<string, string> = {}
  let bytes = 0
  for (const [name, value] of Object.entries(metadata)) {
    if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) {
      throw invalid(`expected metadata names of a-z, 0-9 and -, got ${JSON.stringify(name)}`)
    }
    if (typeof value !== 'string' || !value.isWellFormed()) {
      throw invalid(
        `expected text as metadata ${name}, got ${typeof value === 'string' ? 'half of a surrogate pair' : typeof value}`,
      )
    }
    // HTTP clients drop empty headers; a lone `%` never occurs in encoded text.
    encoded[name] = value === '' ? '%' : encodeURIComponent(value)
    bytes += name.length + encoded[name].length
  }
  if (bytes > maxBytes) {
    throw new ObjectStoreError(
      'metadata_too_large',
      `expected at most ${maxBytes} bytes of percent-encoded metadata, got ${bytes}`,
    )
  }
  return encoded
}

/** Values that another program stored unencoded are returned unchanged. */
export function decodeMetadata(encoded: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(encoded).map(([name, value]) => [name, decode(value)]))
}

function decode(value: string): string {
  if (value === '%') return ''
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

const invalid = (message: string) => new ObjectStoreError('invalid_metadata', message)

/** `type/subtype` with parameters, visible ASCII. */
export function checkContentType(contentType: string): string {
  if (/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;[\x20-\x7e]*)?$/.test(contentType)) return contentType
  throw new ObjectStoreError(
    'invalid_content_type',
    `expected a content type such as image/jpeg, got ${JSON.stringify(contentType)}`,
  )
}

export const defaultContentType = 'application/octet-stream'

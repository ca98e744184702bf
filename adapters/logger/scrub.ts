/** Makes a function that redacts secrets in a finished log line. */
export function scrubber(secrets: readonly string[]): (line: string) => string {
  // Raw and JSON-escaped. Very short values would redact ordinary words.
  const values = [...new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))]
    .filter((value) => value.length >= 6)
    .sort((a, b) => b.length - a.length)
  return (line) => {
    let clean = line
      .replace(userInfo, '$1[redacted]@')
      .replace(signature, '$1[redacted]')
      .replace(bearer, '$1[redacted]')
    for (const value of values) clean = clean.replaceAll(value, '[redacted]')
    return clean
  }
}

/** `redis://user:password@host` in any line, whoever wrote it. */
const userInfo = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#"\\@]+@/gi
/** A caller's API key, of which this process only knows the digest. */
const bearer = /\b(Bearer +|mmk_)[\w.~+/=-]{16,}/gi
/** Parts of presigned URLs, which grant access. */
const signature = /\b((?:X-Amz-(?:Signature|Security-Token|Credential)|signature)=)[^&\s"\\]+/gi

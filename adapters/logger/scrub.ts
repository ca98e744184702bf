/** A function that takes secrets out of a finished line of the log. */
export function scrubber(secrets: readonly string[]): (line: string) => string {
  // As they are, and as JSON escapes them. Very short ones would black out ordinary words.
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

/** `redis://user:password@host`, in any line, whoever wrote it. */
const userInfo = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"\\@]+@/gi
/** A key of whoever called, which this process knows by its digest alone. */
const bearer = /\b(Bearer +|mmk_)[\w.~+/=-]{16,}/gi
/** Whoever holds a presigned link can use it. */
const signature = /\b((?:X-Amz-(?:Signature|Security-Token|Credential)|signature)=)[^&\s"\\]+/gi

/** A social network that mosaics come from and go back to. X, Mastodon and Bluesky implement it. */

/** A post that asked for a mosaic. */
export interface Post {
  network: string
  id: string
  url: string
  /** Without `@`. */
  handle: string
  /** Name as the person writes it, any Unicode. */
  author: string
}

export type Publication =
  | { status: 'published'; url: string }
  /** The rules of the network, or the absence of credentials, say no: the mosaic is in the gallery only. */
  | { status: 'gallery_only'; reason: string }
  /** The answer was lost: it may or may not be out. A person decides; it is never posted twice. */
  | { status: 'unknown'; reason: string }

export interface SocialNetwork {
  readonly name: string
  /** Answers a post with a picture and a text, at most once per job. */
  reply(
    to: Post,
    message: { jobId: string; text: string; altText: string; picture: Uint8Array; contentType: string },
    options?: { signal?: AbortSignal },
  ): Promise<Publication>
}

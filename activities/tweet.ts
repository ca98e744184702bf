/** Tweet: answers the post that asked for the mosaic, where the network's rules allow it. */
import { cancellationSignal } from '@temporalio/activity'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import type { Post, Publication, SocialNetwork } from '../adapters/social/social-network.ts'
import { type ObjectRef, readObject } from './objects.ts'

export interface TweetInput {
  jobId: string
  post: Post
  small: ObjectRef
}

export interface TweetOptions {
  /** `Hi @{handle} Here is your mosaic: {link}` */
  template: string
  /** The public address without a trailing slash, or empty. */
  site: string
}

export function createTweet({
  store,
  networks,
  template,
  site,
}: { store: ObjectStore; networks: readonly SocialNetwork[] } & TweetOptions) {
  return async function tweet({ jobId, post, small }: TweetInput): Promise<Publication> {
    const network = networks.find(({ name }) => name === post.network)
    if (!network) return { status: 'gallery_only', reason: `no account is configured for ${post.network}` }
    if (!site) return { status: 'gallery_only', reason: 'PUBLIC_URL is not set, so there is no link to post' }
    const signal = cancellationSignal()
    const text = fill(template, { handle: post.handle, author: post.author, link: `${site}/mosaic/${jobId}` })
    const picture = await readObject(store, small, signal)
    const altText = `A photomosaic of a photo by ${post.author}`
    return await network.reply(post, { jobId, text, altText, picture, contentType: 'image/jpeg' }, { signal })
  }
}

function fill(template: string, values: Record<string, string>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
}

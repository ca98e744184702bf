/** A minimal network of our own, for tests about jobs. */
import type { SocialNetwork } from '../../adapters/social/social-network.ts'

export function plaza(parts: Partial<SocialNetwork> = {}): SocialNetwork {
  return {
    name: 'plaza',
    account: 'mosaicbot',
    fits: (text) => text.length <= 500,
    whyNoReply: () => undefined,
    reply: async (to, _, { beforePosting } = {}) => {
      await beforePosting?.()
      return { url: `https://plaza.example/${to.id}/answer` }
    },
    findReply: async () => undefined,
    read: async () => ({ posts: [], reads: 0, more: false }),
    stream: async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    },
    idAt: (time) => String(time),
    timeOf: Number,
    postIdOf: (url) => /^https:\/\/plaza\.example\/(\w+)/.exec(url)?.[1],
    findGone: async () => [],
    ...parts,
  }
}

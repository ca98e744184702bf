/** X's filtered stream. */
import {
  ETwitterStreamEvent,
  type TweetStream,
  type TweetV2SingleStreamResult,
  type TwitterApiv2,
} from 'twitter-api-v2'
import { SocialError } from '../social-error.ts'
import { ask } from './client.ts'
import { postFields } from './posts.ts'

/** Marks our own rules; those of others in the same app are left alone. */
const tag = 'mosaicme'

/** X sends an empty line every 20 s: after a longer silence, the connection is dead. */
const silenceMs = 30_000

/** Makes this the only rule of ours. */
export async function setRule(app: TwitterApiv2, value: string, signal: AbortSignal): Promise<void> {
  await ask('update the rules of the stream', signal, async () => {
    const { data: rules = [] } = await app.streamRules()
    const stale = rules.filter((rule) => rule.tag === tag && rule.value !== value)
    if (stale.length > 0) await app.updateStreamRules({ delete: { ids: stale.map(({ id }) => id) } })
    if (!rules.some((rule) => rule.tag === tag && rule.value === value))
      await app.updateStreamRules({ add: [{ value, tag }] })
  })
}

export interface HoldOptions {
  signal: AbortSignal
  /** Default 30 s. */
  silenceMs?: number
  onConnected: () => void
  onData: (data: TweetV2SingleStreamResult) => void
}

/** Returns when the signal aborts. @throws {SocialError} if the connection ends otherwise */
export async function holdStream(app: TwitterApiv2, options: HoldOptions): Promise<void> {
  const { signal, onConnected, onData } = options
  const stream: TweetStream<TweetV2SingleStreamResult> = app.searchStream({
    autoConnect: false,
    ...postFields,
  })
  try {
    // The client could reconnect by itself, but would not close the gap: the caller does both.
    const over = new Promise<void>((resolve, reject) => {
      const lost = (how: string) => () =>
        reject(new SocialError('social_connection_lost', `Expected X to keep the stream open, but ${how}.`))
      stream.on(ETwitterStreamEvent.Data, onData)
      stream.on(ETwitterStreamEvent.ConnectionLost, lost('it went silent'))
      stream.on(ETwitterStreamEvent.ConnectionError, lost('the connection broke'))
      stream.on(ETwitterStreamEvent.ConnectionClosed, lost('X closed it'))
      stream.on(ETwitterStreamEvent.DataError, lost('X announced its end'))
      stream.on(ETwitterStreamEvent.TweetParseError, lost('it sent invalid JSON'))
      // Reported by the events above; without a listener it would end the process.
      stream.on(ETwitterStreamEvent.Error, () => {})
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    // Awaited below; until then the rejection must not count as unhandled.
    over.catch(() => {})
    await ask('open the stream', signal, () =>
      stream.connect({ autoReconnect: false, keepAliveTimeout: options.silenceMs ?? silenceMs }),
    )
    onConnected()
    await over
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    stream.destroy()
  }
}

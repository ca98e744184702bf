/** Mastodon's streams, as Server-Sent Events: https://docs.joinmastodon.org/methods/streaming/ */
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { endingWith } from '../../ending.ts'
import { addressOf, lost, refused, type Server } from '../http.ts'
import { SocialError } from '../social-error.ts'
import type { Status } from './statuses.ts'

export interface HoldOptions {
  signal: AbortSignal
  /** `hashtag`, or `user/notification`. */
  channel: string
  query?: Record<string, string>
  onConnected: () => void
  onStatus: (status: Status) => void
  /** Silence, without even a comment, after which the stream is dead, ms. Mastodon sends a comment every 15 s. */
  silenceMs: number
}

/**
 * Keeps a stream open until the signal aborts.
 * @throws {SocialError} if it breaks, ends or goes silent
 */
export async function holdStream(server: Server, accessToken: string, hold: HoldOptions): Promise<void> {
  const { signal, channel, query = {}, onConnected, onStatus, silenceMs } = hold
  const doing = `keep the stream ${channel} open`
  using held = endingWith(signal)
  let watch: NodeJS.Timeout | undefined
  const alive = () => {
    clearTimeout(watch)
    watch = setTimeout(() => held.end(new Error('silent')), silenceMs)
  }
  try {
    alive()
    const response = await fetch(addressOf(server.url, `api/v1/streaming/${channel}`, query), {
      headers: { Authorization: `Bearer ${accessToken}`, Accept: 'text/event-stream' },
      ...{ signal: held.signal, redirect: 'error' as const },
    })
    if (!response.ok || !response.body) throw refused(server, response, await response.text(), doing)
    onConnected()
    const heard = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        alive()
        controller.enqueue(chunk)
      },
    })
    // The decoder buffers characters split across chunks.
    const events = response.body
      .pipeThrough(heard)
      .pipeThrough(new TextDecoderStream() as never)
      .pipeThrough(new EventSourceParserStream()) as AsyncIterable<{ event?: string; data: string }>
    for await (const { event, data } of events) {
      if (event === 'update') onStatus(JSON.parse(data) as Status)
      if (event === 'notification') {
        const { type, status } = JSON.parse(data) as { type: string; status?: Status }
        if (type === 'mention' && status) onStatus(status)
      }
    }
    if (!signal.aborted)
      throw new SocialError('social_connection_lost', 'Mastodon closed the stream unexpectedly.')
  } catch (error) {
    if (signal.aborted) return
    if (error instanceof SocialError) throw error
    if (held.signal.aborted)
      throw new SocialError(
        'social_connection_lost',
        `Mastodon’s stream was silent for ${silenceMs / 1000} s.`,
      )
    throw lost(server, error, doing)
  } finally {
    clearTimeout(watch)
  }
}

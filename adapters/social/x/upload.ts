/**
 * Uploads pictures to X in its three steps. The client can do this too, but polls forever while an upload stays `pending`, and
 * silently gives up if X names no time for the next check.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { TwitterApiv2 } from 'twitter-api-v2'
import { SocialError } from '../social-error.ts'
import type { ReplyMessage } from '../social-network.ts'
import { ask } from './client.ts'

/** X's limit for alternative text, characters. */
const longestAltText = 1_000
/** Chunk size, bytes: X allows 5 MB, but retrying a small chunk is cheaper. */
const pieceSize = 1024 * 1024
/** Timeout of processing, ms: it normally takes seconds. */
const patienceMs = 30_000

interface Uploaded {
  data: { id: string; processing_info?: { state: string; check_after_secs?: number } }
}

/**
 * Safe to repeat, because the picture is not visible until a post shows it.
 * @returns the ID of the picture, with its alternative text
 * @throws {SocialError} never with `maybeDone`, since nothing is posted
 */
export async function uploadPicture(
  user: TwitterApiv2,
  message: ReplyMessage,
  signal?: AbortSignal,
): Promise<string> {
  try {
    return await ask('accept the picture', signal, () => upload(user, message))
  } catch (error) {
    if (!(error instanceof SocialError)) throw error
    const { code, message: sentence, retryable, retryAfterSeconds } = error
    throw new SocialError(code, sentence, { retryable, retryAfterSeconds })
  }
}

async function upload(user: TwitterApiv2, { picture, contentType, altText }: ReplyMessage): Promise<string> {
  const { data } = await user.post<Uploaded>('media/upload/initialize', {
    media_type: contentType,
    total_bytes: picture.byteLength,
    media_category: 'tweet_image',
  })
  for (let start = 0, piece = 0; start < picture.byteLength; start += pieceSize, piece++)
    await user.post(
      `media/upload/${data.id}/append`,
      { segment_index: piece, media: Buffer.from(picture.subarray(start, start + pieceSize)) },
      { forceBodyMode: 'form-data' },
    )
  const finished = await user.post<Uploaded>(`media/upload/${data.id}/finalize`)
  await untilProcessed(user, finished)
  await user.post('media/metadata', {
    id: data.id,
    metadata: { alt_text: { text: altText.slice(0, longestAltText) } },
  })
  return data.id
}

async function untilProcessed(user: TwitterApiv2, { data }: Uploaded): Promise<void> {
  const giveUpAt = Date.now() + patienceMs
  let info = data.processing_info
  while (info && info.state !== 'succeeded') {
    if (info.state === 'failed' || Date.now() > giveUpAt)
      throw new SocialError(
        'social_upload_failed',
        `Expected X to process the picture, but it is still ${info.state}.`,
      )
    await delay((info.check_after_secs ?? 1) * 1000)
    const looked = await user.get<Uploaded>('media/upload', { command: 'STATUS', media_id: data.id })
    info = looked.data.processing_info
  }
}

/** Two clients: for the account (OAuth 1.0a) and for the app (bearer token). */
import { Agent } from 'node:http'
import { type ITwitterApiClientPlugin, TwitterApi, type TwitterApiv2 } from 'twitter-api-v2'
import type { XEnvironment } from '../../environment.ts'
import { xError } from './x-error.ts'

export interface XClients {
  user: TwitterApiv2
  /** Required for streams: absent without a bearer token. */
  app?: TwitterApiv2
}

const documentedUrl = 'https://api.x.com/2/'

/** Timeout, ms. */
const timeout = 20_000

export function xClients(credentials: XEnvironment, apiUrl: string): XClients {
  const { consumerKey, consumerSecret, accessToken, accessSecret, bearerToken } = credentials
  // Runs before a call is signed, so that the signature covers the actual URL.
  const plugin: ITwitterApiClientPlugin = {
    onBeforeRequestConfig: ({ params }) => {
      params.url = params.url.replace(documentedUrl, apiUrl)
      params.timeout ??= timeout
    },
    onBeforeStreamRequestConfig: ({ params }) => {
      params.url = params.url.replace(documentedUrl, apiUrl)
    },
  }
  const settings = {
    plugins: [plugin],
    ...(apiUrl.startsWith('http:') && { httpAgent: new Agent({ keepAlive: true }) }),
  }
  const tokens = { appKey: consumerKey, appSecret: consumerSecret, accessToken, accessSecret }
  return {
    user: new TwitterApi(tokens, settings).v2,
    ...(bearerToken !== undefined && { app: new TwitterApi(bearerToken, settings).v2 }),
  }
}

/** Makes a call: translates its errors, and stops waiting when the signal aborts. */
export async function ask<T>(
  doing: string,
  signal: AbortSignal | undefined,
  call: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  let giveUp: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal?.reason)
    signal?.addEventListener('abort', giveUp, { once: true })
  })
  try {
    return await Promise.race([call(), aborted])
  } catch (error) {
    throw xError(error, doing)
  } finally {
    if (giveUp) signal?.removeEventListener('abort', giveUp)
  }
}

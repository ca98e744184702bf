/** The two faces of the client: as the account (OAuth 1.0a) and as the app (bearer token). */
import { Agent } from 'node:http'
import { type ITwitterApiClientPlugin, TwitterApi, type TwitterApiv2 } from 'twitter-api-v2'
import type { XEnvironment } from '../../environment.ts'
import { xError } from './x-error.ts'

export interface XClients {
  user: TwitterApiv2
  /** Streams belong to apps: absent without a bearer token. */
  app?: TwitterApiv2
}

const documentedUrl = 'https://api.x.com/2/'

/** No answer after this long is none at all, ms. */
const timeout = 20_000

export function xClients(credentials: XEnvironment, apiUrl: string): XClients {
  const { consumerKey, consumerSecret, accessToken, accessSecret, bearerToken } = credentials
  // Every call passes through these before it is signed: the signature is of the address that is really called.
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

/** Makes a call: its errors are ours, and whoever waits stops waiting when the signal says so. */
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

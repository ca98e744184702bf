/**
 * The operator's key: an API key, kept in a cookie that only `/admin` is sent and no script can read. Whether it is good
 * is the API's to say: every look at the page is calls of the API with it.
 */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Site } from './dependencies.ts'

const name = 'mosaicme_key'
const path = '/admin'
/** Seconds: a working week. */
const kept = 5 * 24 * 3600

export function keepKey(c: Context, key: string): void {
  const secure = new URL(c.req.url).protocol === 'https:' || c.req.header('X-Forwarded-Proto') === 'https'
  setCookie(c, name, key, { path, httpOnly: true, sameSite: 'Strict', secure, maxAge: kept })
}

export const forgetKey = (c: Context): void => void deleteCookie(c, name, { path })

export const hasKey = (c: Context): boolean => getCookie(c, name) !== undefined

/** Calls the API as the operator. */
export async function callAsOperator(
  site: Site,
  c: Context,
  address: string,
  { key = getCookie(c, name), ...init }: RequestInit & { key?: string | undefined } = {},
): Promise<Response> {
  const headers = new Headers(init.headers)
  // What would be no header at all is no key either.
  if (key !== undefined && /^[\x21-\x7e]+$/.test(key)) headers.set('Authorization', `Bearer ${key}`)
  return await site.callApi(c, address, { ...init, headers })
}

/**
 * The operator's API key, in a cookie that is only sent to `/admin` and that scripts cannot read. The API decides whether the key
 * is valid: everything on the page is fetched with it.
 */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Site } from './dependencies.ts'

const name = 'mosaicme_key'
const path = '/admin'
/** Lifetime of the cookie, seconds: a working week. */
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
  // A value that is not a valid header is not a key either.
  if (key !== undefined && /^[\x21-\x7e]+$/.test(key)) headers.set('Authorization', `Bearer ${key}`)
  return await site.callApi(c, address, { ...init, headers })
}

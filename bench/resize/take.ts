/** A client for load: it shares the cores with the server that it measures, so it must cost next to nothing. */
import { Pool } from 'undici'

const pools = new Map<string, Pool>()

/**
 * By undici's `dispatch`, without streams and promises for the body: `fetch` takes several times the CPU.
 * @throws when the answer is not 200 with at least 1,000 bytes
 */
export async function take(url: string): Promise<void> {
  const { origin, pathname, search } = new URL(url)
  const pool = pools.get(origin) ?? new Pool(origin)
  pools.set(origin, pool)
  const { status, bytes } = await new Promise<{ status: number; bytes: number }>((resolve, reject) => {
    let status = 0
    let bytes = 0
    pool.dispatch(
      { method: 'GET', path: pathname + search },
      {
        onRequestStart() {},
        onResponseStart(_, statusCode) {
          status = statusCode
        },
        onResponseData(_, chunk) {
          bytes += chunk.length
        },
        onResponseEnd: () => resolve({ status, bytes }),
        onResponseError: (_, error) => reject(error),
      },
    )
  })
  if (status !== 200 || bytes < 1000)
    throw new Error(`expected a picture at ${url}, got ${status} with ${bytes} bytes`)
}

/** A Redis client for data that can be recomputed: fails at once while the server is down, and recovers when it responds. */
import { Redis } from 'ioredis'

/** @param answerWithinMs timeout of the connection, and of each command */
export function redisAt(url: string, answerWithinMs: number): Redis {
  return new Redis(url, {
    lazyConnect: true,
    connectTimeout: answerWithinMs,
    commandTimeout: answerWithinMs,
    // Fail now instead of queuing commands.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(times * 100, 2_000),
    connectionName: 'mosaicme',
  })
}

/** The URL without its password. */
export function describeRedis(url: string): string {
  const { host, pathname } = new URL(url)
  return `Redis at ${host}${pathname.replace(/^\/$/, '')}`
}

/** Redis for what can be had again: a server that is down is down at once, and is back as soon as it answers. */
import { Redis } from 'ioredis'

/** @param answerWithinMs for the connection, and for each command */
export function redisAt(url: string, answerWithinMs: number): Redis {
  return new Redis(url, {
    lazyConnect: true,
    connectTimeout: answerWithinMs,
    commandTimeout: answerWithinMs,
    // An error now, not a queue of commands for later.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(times * 100, 2_000),
    connectionName: 'mosaicme',
  })
}

/** Without the password. */
export function describeRedis(url: string): string {
  const { host, pathname } = new URL(url)
  return `Redis at ${host}${pathname.replace(/^\/$/, '')}`
}

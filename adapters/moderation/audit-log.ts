/** The moderation audit log: who decided what, and when. Its objects are never changed. */
import { randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { z } from 'zod'
import * as layout from '../object-store/layout.ts'
import type { ObjectStore } from '../object-store/object-store.ts'

const auditEntry = z.object({
  /** RFC 3339. */
  at: z.string(),
  /** Fingerprint of an API key, or `anonymous`. */
  by: z.string(),
  action: z.enum(['approve', 'reject', 'block', 'unblock', 'remove-author']),
  /** The object of the decision: a picture's ID in the queue, a handle, a word. */
  subject: z.string(),
  /** Details for people, such as the author. */
  about: z.record(z.string(), z.string()).optional(),
})

export type AuditEntry = z.infer<typeof auditEntry>

export interface AuditLog {
  append(entry: AuditEntry): Promise<void>
  /** Newest first. */
  page(options: {
    limit: number
    after?: string | undefined
  }): Promise<{ entries: AuditEntry[]; next?: string }>
}

/** Keys count down from this, so that listings, which are ascending, begin with the newest. */
const end = 10 ** 15

export function openAuditLog(store: ObjectStore): AuditLog {
  return {
    async append(entry) {
      const countdown = String(end - Date.parse(entry.at)).padStart(16, '0')
      const { bucket, key } = layout.moderation.logEntry(`${countdown}-${randomUUID()}`)
      await store.put(bucket, key, Buffer.from(JSON.stringify(entry)), {
        contentType: 'application/json',
        mode: 'create',
      })
    },

    async page({ limit, after }) {
      const { bucket, key: prefix } = layout.moderation.logPrefix
      const { objects, next } = await store.list(bucket, {
        ...{ prefix, limit },
        ...(after !== undefined && { after: `${prefix}${after}.json` }),
      })
      const entries = await Promise.all(
        objects.map(async ({ key }) =>
          auditEntry.parse(JSON.parse((await buffer((await store.get(bucket, key)).body)).toString())),
        ),
      )
      const last = objects.at(-1)?.key.slice(prefix.length, -'.json'.length)
      return { entries, ...(next !== undefined && last !== undefined && { next: last }) }
    },
  }
}

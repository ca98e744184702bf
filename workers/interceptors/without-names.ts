/**
 * Keeps names of people from where nothing is encrypted, since Temporal's server works with it: search attributes, and the
 * key by which callers take turns.
 */
import { createHmac } from 'node:crypto'
import type { WorkflowClientInterceptor } from '@temporalio/client'
import { type SearchAttributePair, TypedSearchAttributes } from '@temporalio/common'
import { encryptingKey, type PayloadKey } from '../../adapters/environment/payload-keys.ts'
import { jobAuthor } from '../../workflows/contract/search-attributes.ts'

/** @param keys none: nothing is encrypted, and names stand where they help */
export function withoutNames(keys: readonly PayloadKey[]): WorkflowClientInterceptor[] {
  const key = encryptingKey(keys)
  if (!key) return []
  /** The same for the same caller, and no way back for who has no key; 128 bits of it. */
  const pseudonym = (caller: string) =>
    createHmac('sha256', Buffer.from(key.secret, 'base64')).update(caller).digest('hex').slice(0, 32)
  return [
    {
      async startWithDetails(input, next) {
        const { typedSearchAttributes: attributes, priority } = input.options
        const { fairnessKey } = priority ?? {}
        return await next({
          ...input,
          options: {
            ...input.options,
            ...(attributes && { typedSearchAttributes: withoutAuthor(attributes) }),
            ...(fairnessKey && { priority: { ...priority, fairnessKey: pseudonym(fairnessKey) } }),
          },
        })
      },
    },
  ]
}

function withoutAuthor(attributes: TypedSearchAttributes | SearchAttributePair[]): TypedSearchAttributes {
  const all = attributes instanceof TypedSearchAttributes ? attributes.getAll() : attributes
  return new TypedSearchAttributes(all.filter(({ key }) => key.name !== jobAuthor.name))
}

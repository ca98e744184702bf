/**
 * Keeps people's names out of what the Temporal server reads, and which therefore cannot be encrypted: search attributes and
 * fairness keys.
 */
import { createHmac } from 'node:crypto'
import type { WorkflowClientInterceptor } from '@temporalio/client'
import { type SearchAttributePair, TypedSearchAttributes } from '@temporalio/common'
import { encryptingKey, type PayloadKey } from '../../adapters/environment/payload-keys.ts'
import { jobAuthor } from '../../workflows/contract/search-attributes.ts'

/** @param keys if empty, nothing is encrypted and names stay, because they are useful */
export function withoutNames(keys: readonly PayloadKey[]): WorkflowClientInterceptor[] {
  const key = encryptingKey(keys)
  if (!key) return []
  /** Equal for equal callers and irreversible without the key; 128 bits. */
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

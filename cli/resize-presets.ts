import { type Presets, presets } from '../api/schemas/resize-request.ts'
import { Refusal } from './refusal.ts'

/** Called at startup, not on the first request. @throws {Refusal} `invalid_preset`, naming the preset and the option */
export function readPresets(written: Record<string, Record<string, unknown>>): Presets {
  const parsed = presets.safeParse(written)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Refusal(
    'invalid_preset',
    `RESIZE_PRESETS: expected named options of a resize; ${issue?.path.join('.') || 'the object'}: ${issue?.message}.`,
  )
}

import { type EditedPlan, type EditInput, editPlan } from './edit-plan.ts'
import { PictureError } from './picture-error.ts'

/**
 * Replaces tiles that have left the set by the nearest ones that the plan's rules allow; all other cells are
 * unchanged. Where no tile is allowed the rules are relaxed, because removed photos must not stay.
 *
 * @throws PictureError for an unreadable target, or if no tile is left at all; `signal.reason`
 */
export async function rematchPlan(
  input: Omit<EditInput, 'edits'> & { target: Uint8Array },
): Promise<EditedPlan> {
  try {
    return await editPlan(input)
  } catch (error) {
    if (!(error instanceof PictureError) || error.code !== 'library_too_small') throw error
    const { most: _, ...options } = input.plan.options
    const lenient = { ...options, distance: 0, search: 'local' as const }
    return await editPlan({ ...input, plan: { ...input.plan, options: lenient } })
  }
}

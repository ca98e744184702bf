import { type EditedPlan, type EditInput, editPlan } from './edit-plan.ts'
import { PictureError } from './picture-error.ts'

/**
 * Gives the cells whose tiles have left the set to the nearest tiles that are there, under the rules of the plan. All
 * other cells stay as they are. Where the rules leave no tile, they are given up: what has left must not stay.
 *
 * @throws PictureError a target that cannot be read, or no tile is left at all; `signal.reason`
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

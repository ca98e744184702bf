import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'

/** @throws {HTTPException} 400 for a body that is not a form, or is truncated */
export async function readForm(c: Context): Promise<FormData> {
  try {
    return await c.req.formData()
  } catch (cause) {
    throw new HTTPException(400, { message: 'Expected a form.', cause })
  }
}

import type { Context } from 'hono'
import { Problem, wrongValue } from '../problems.ts'

export const isForm = (c: Context) => /^multipart\/form-data\b/i.test(c.req.header('Content-Type') ?? '')

/** The validated JSON body. The route's schema only checks JSON, and lets other content types and empty bodies pass. */
export function jsonBody<T>(c: Context, validated: T): T {
  const type = c.req.header('Content-Type')
  if (/^application\/([\w.-]+\+)?json\b/i.test(type ?? '')) return validated
  throw new Problem(
    'unsupported_media_type',
    `Expected a body of type application/json or multipart/form-data, received ${type ? JSON.stringify(type.slice(0, 100)) : 'none'}.`,
  )
}

/** The parts of a `multipart/form-data` body (RFC 7578). The body limit was enforced before. */
export async function readForm(c: Context): Promise<FormData> {
  try {
    return await c.req.formData()
  } catch (cause) {
    throw new Problem('invalid_form', 'Expected a well-formed multipart/form-data body (RFC 7578).', {
      cause,
    })
  }
}

/** The only part with this name, parsed as JSON; `fallback` if it is absent. */
export async function jsonPart(form: FormData, name: string, fallback?: unknown): Promise<unknown> {
  const [part, ...more] = form.getAll(name)
  if (more.length > 0) throw wrongValue('invalid_request', `/${name}`, `Expected one part named ${name}.`)
  if (part === undefined) {
    if (fallback !== undefined) return fallback
    throw wrongValue('invalid_request', `/${name}`, `Expected a part named ${name} that holds JSON.`)
  }
  const text = typeof part === 'string' ? part : await part.text()
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Problem('invalid_json', `Expected JSON in the part ${name}.`, {
      cause,
      errors: [{ pointer: `/${name}`, detail: 'Expected JSON.' }],
    })
  }
}

/** All parts with this name, as files. */
export function fileParts(form: FormData, name: string): File[] {
  const parts = form.getAll(name)
  if (parts.length === 0)
    throw wrongValue('invalid_request', `/${name}`, `Expected a file in a part named ${name}.`)
  return parts.map((part) => {
    if (typeof part === 'string')
      throw wrongValue(
        'invalid_request',
        `/${name}`,
        `Expected a file in the part ${name}, received text: a file part has a filename (curl -F ${name}=@photo.jpg).`,
      )
    return part
  })
}

/** Rejects unknown parts, so that a misspelt name is reported instead of ignored. */
export function onlyParts(form: FormData, names: readonly string[]): void {
  for (const name of form.keys()) {
    if (!names.includes(name))
      throw wrongValue(
        'invalid_request',
        `/${name}`,
        `Expected only the parts ${names.join(' and ')}, received ${JSON.stringify(name)}.`,
      )
  }
}

export const bytesOf = async (file: File) => new Uint8Array(await file.arrayBuffer())

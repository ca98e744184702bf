/** Translates form fields to an API call, and the API's problems back to fields. */
import { createHash } from 'node:crypto'
import type { FormErrors } from './components/form-field.tsx'

/** Form options and their names in the API. */
const options = {
  mosaic: {
    numbers: ['cell', 'scale', 'distance', 'most', 'quality', 'detail'],
    words: ['library', 'tone', 'search', 'flips', 'pyramid', 'layout'],
    ticks: [],
  },
  resize: {
    numbers: ['width', 'height', 'quality'],
    words: ['fit', 'format'],
    ticks: ['withoutEnlargement'],
  },
} as const

/** Text fields as typed, to show them again after an error. */
export function textFields(form: FormData): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [name, value] of form) if (typeof value === 'string') fields[name] = value.trim()
  return fields
}

/** Chosen pictures; browsers send an empty, nameless file if there is none. */
export const chosenFiles = (form: FormData): File[] => filesIn(form, 'image')

const chosenMask = (form: FormData): File | undefined => filesIn(form, 'mask')[0]

const filesIn = (form: FormData, name: string): File[] =>
  form
    .getAll(name)
    .filter((file): file is File => file instanceof File && (file.name !== '' || file.size > 0))

/** Invalid numbers are passed on as typed, so that the API reports them. */
const number = (text: string) => (Number.isFinite(Number(text)) ? Number(text) : text)

/**
 * @param file one of the chosen ones; absent: the link is used
 * @returns the body of `POST /v1/jobs`, or errors by field
 */
export async function jobRequest(
  type: 'mosaic' | 'resize',
  form: FormData,
  file: File | undefined,
): Promise<{ body: FormData; key: string } | { errors: FormErrors }> {
  const fields = textFields(form)
  if (!file && !fields.url) {
    return { errors: { image: 'Choose a photo, or paste a link to one.' } }
  }
  if (type === 'resize' && !fields.width && !fields.height) {
    return { errors: { width: 'Enter a width, a height, or both.' } }
  }
  const job: Record<string, unknown> = { type }
  const { numbers, words, ticks } = options[type]
  for (const name of numbers) if (fields[name]) job[name] = number(fields[name])
  for (const name of words) if (fields[name]) job[name] = fields[name]
  for (const name of ticks) if (fields[name]) job[name] = true
  if (type === 'mosaic' && fields.author) job.author = { name: fields.author }
  // The form always contains this number, but only one layout uses it.
  if (job.layout !== 'quadtree') delete job.detail
  const mask = type === 'mosaic' ? chosenMask(form) : undefined
  if (!file) job.input = { url: fields.url }
  // The name by which the person knows the picture.
  if (file?.name) job.metadata = { name: file.name.slice(0, 200) }

  const body = new FormData()
  body.set('job', JSON.stringify(job))
  if (file) body.set('image', file)
  if (mask) body.set('mask', mask)

  // Idempotency: a double click or a reload gives the same job, another photo another one.
  const hash = createHash('sha256').update(`${fields.token}\n${JSON.stringify(job)}\n`)
  for (const part of [file, mask]) if (part) hash.update(new Uint8Array(await part.arrayBuffer()))
  return { body, key: `form-${hash.digest('base64url')}` }
}

interface Problem {
  title?: string
  detail?: string
  code?: string
  errors?: { pointer: string; detail: string }[]
}

const ownFields: readonly string[] = [
  ...Object.values(options).flatMap(({ numbers, words, ticks }) => [...numbers, ...words, ...ticks]),
  'author',
  'mask',
]

/** The form field for a JSON pointer such as `/input/url` or `/params/cell`. */
function fieldOf(pointer: string, hasFile: boolean): string {
  const parts = pointer.split('/').filter(Boolean)
  if (parts.includes('input') || parts.includes('image')) return hasFile ? 'image' : 'url'
  return parts.find((part) => ownFields.includes(part)) ?? 'form'
}

/** Codes about the picture itself, reported without a pointer. */
const pictureCodes = /image|pixels|frames|empty_input|unsupported_format|too_large/

export async function formErrors(answer: Response, form: FormData): Promise<FormErrors> {
  const hasFile = chosenFiles(form).length > 0
  const problem = (await answer.json().catch(() => ({}))) as Problem
  const errors: FormErrors = {}
  for (const { pointer, detail } of problem.errors ?? []) errors[fieldOf(pointer, hasFile)] ??= detail
  if (Object.keys(errors).length === 0) {
    const sentence =
      problem.detail ?? problem.title ?? `The request was refused with status ${answer.status}.`
    errors[problem.code && pictureCodes.test(problem.code) ? (hasFile ? 'image' : 'url') : 'form'] = sentence
  }
  return errors
}

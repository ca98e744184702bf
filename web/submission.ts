/** From the fields of the form to a call of the API, and from the API's problem back to the fields. */
import { createHash } from 'node:crypto'
import type { FormErrors } from './components/form-field.tsx'

/** The options that forms have, as the API calls them. */
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

/** The text fields, as they were typed: shown again when something is wrong. */
export function textFields(form: FormData): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [name, value] of form) if (typeof value === 'string') fields[name] = value.trim()
  return fields
}

/** The pictures that were chosen; a browser sends an empty, nameless file when none was. */
export const chosenFiles = (form: FormData): File[] => filesIn(form, 'image')

const chosenMask = (form: FormData): File | undefined => filesIn(form, 'mask')[0]

const filesIn = (form: FormData, name: string): File[] =>
  form
    .getAll(name)
    .filter((file): file is File => file instanceof File && (file.name !== '' || file.size > 0))

/** Numbers are passed on as they were typed when they are none: the API says what it expected. */
const number = (text: string) => (Number.isFinite(Number(text)) ? Number(text) : text)

/**
 * @param file one of those that were chosen; absent: the link is what counts
 * @returns the body of `POST /v1/jobs`, or what is missing, by field.
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
  // A number that stands in the form belongs to the one layout that has it.
  if (job.layout !== 'quadtree') delete job.detail
  const mask = type === 'mosaic' ? chosenMask(form) : undefined
  if (!file) job.input = { url: fields.url }
  // What the person knows the picture by.
  if (file?.name) job.metadata = { name: file.name.slice(0, 200) }

  const body = new FormData()
  body.set('job', JSON.stringify(job))
  if (file) body.set('image', file)
  if (mask) body.set('mask', mask)

  // The same form sent twice, by a double click or a reload, is the same job; with another photo it is another.
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

/** A JSON pointer like `/input/url` or `/params/cell` to the field that it speaks of. */
function fieldOf(pointer: string, hasFile: boolean): string {
  const parts = pointer.split('/').filter(Boolean)
  if (parts.includes('input') || parts.includes('image')) return hasFile ? 'image' : 'url'
  return parts.find((part) => ownFields.includes(part)) ?? 'form'
}

/** Codes about the picture itself, which the API reports without a pointer. */
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

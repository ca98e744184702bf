/** Previews the mosaic while the options change, with a small version made by the engine. The latest response wins. */
import { count } from '../words.ts'

/** Longer side of the photo that is sent, pixels: the preview needs no more. */
const sentSide = 640
/** Debounce, ms: numbers are typed digit by digit. */
const quiet = 250

const numbers = ['cell', 'scale', 'distance', 'most', 'detail']
const words = ['library', 'search', 'flips', 'tone', 'layout']

interface Shrunken {
  picture: Blob
  /** Size of the original. */
  width: number
  height: number
}

/** @returns call it with the photo, or without one */
export function previewMosaic(form: HTMLFormElement): (photo: HTMLImageElement | undefined) => void {
  const figure = form.querySelector<HTMLElement>('[data-grid-preview]')!
  const frame = figure.querySelector('div')!
  const shown = figure.querySelector('img')!
  const said = figure.querySelector('figcaption')!.appendChild(document.createElement('p'))
  said.className = 'hint'
  let photo: Promise<Shrunken | undefined> = Promise.resolve(undefined)
  let asking = new AbortController()
  let waiting: ReturnType<typeof setTimeout> | undefined
  /** The options shown or requested. */
  let wanted = ''

  function options(): Record<string, unknown> {
    const data = new FormData(form)
    const filled = (names: string[]) =>
      names.flatMap((name) => (data.get(name) ? [[name, String(data.get(name))] as const] : []))
    const { detail, ...others } = Object.fromEntries([
      ...filled(numbers).map(([name, value]) => [name, Number(value)]),
      ...filled(words),
    ])
    return others.layout === 'quadtree' && detail !== undefined ? { ...others, detail } : others
  }

  const maskFile = form.querySelector<HTMLInputElement>('#mask')!
  /** Scaled down like the photo, with its transparency. */
  let mask: Promise<Blob | undefined> = Promise.resolve(undefined)
  let masks = 0
  maskFile.addEventListener('change', () => {
    const [file] = maskFile.files ?? []
    masks++
    mask = file ? createImageBitmap(file).then(shrinkMask, () => undefined) : Promise.resolve(undefined)
  })

  /** No request for half-typed numbers. */
  const isValid = () =>
    numbers.every((name) => form.querySelector<HTMLInputElement>(`#${name}`)?.validity.valid !== false)

  function forget(): void {
    clearTimeout(waiting)
    asking.abort()
    wanted = ''
    shown.hidden = true
    said.textContent = ''
    URL.revokeObjectURL(shown.src)
  }

  function soon(wait = quiet): void {
    clearTimeout(waiting)
    waiting = setTimeout(() => void ask(), wait)
  }

  async function ask(): Promise<void> {
    const [small, shape] = await Promise.all([photo, mask])
    const job = JSON.stringify({ ...options(), width: small?.width, height: small?.height })
    if (!small || !isValid()) return
    const whole = `${masks} ${job}`
    if (whole === wanted) {
      // Changed and changed back.
      frame.ariaBusy = null
      return
    }
    wanted = whole
    asking.abort()
    asking = new AbortController()
    const { signal } = asking
    const body = new FormData()
    body.set('image', small.picture, 'photo.jpg')
    if (shape) body.set('mask', shape, 'mask.png')
    body.set('job', job)
    try {
      const answer = await fetch('/v1/previews', { method: 'POST', body, signal })
      if (answer.ok) return await show(answer, signal)
      // The server is busy: try again, unless the options change first.
      wanted = ''
      if (answer.status === 429) return soon(1_000 * (Number(answer.headers.get('Retry-After')) || 1))
      const problem = (await answer.json()) as { errors?: { detail: string }[]; detail?: string }
      if (answer.status === 422) said.textContent = problem.errors?.[0]?.detail ?? problem.detail ?? ''
    } catch {
      // Aborted by a newer request, or offline: the squares are good enough.
      if (!signal.aborted) wanted = ''
    }
  }

  async function show(answer: Response, signal: AbortSignal): Promise<void> {
    const picture = new Image()
    picture.src = URL.createObjectURL(await answer.blob())
    await picture.decode()
    if (signal.aborted) return URL.revokeObjectURL(picture.src)
    URL.revokeObjectURL(shown.src)
    shown.src = picture.src
    shown.hidden = false
    frame.ariaBusy = null
    const [columns, rows] = ['Mosaic-Columns', 'Mosaic-Rows'].map((name) => Number(answer.headers.get(name)))
    const canvas = figure.querySelector('canvas')!
    const isCoarser = columns! < canvas.width || rows! < canvas.height
    said.textContent = isCoarser
      ? `The preview has ${count(columns! * rows!)} tiles; the mosaic will be finer.`
      : ''
  }

  form.addEventListener('input', (event) => {
    const { name } = event.target as HTMLInputElement
    if (![...numbers, ...words, 'mask'].includes(name)) return
    frame.ariaBusy = 'true'
    said.textContent = ''
    soon()
  })

  return (next) => {
    forget()
    photo = next ? shrink(next) : Promise.resolve(undefined)
    if (next) soon(0)
  }
}

async function shrink(photo: HTMLImageElement): Promise<Shrunken | undefined> {
  const { naturalWidth: width, naturalHeight: height } = photo
  const scale = Math.min(1, sentSide / Math.max(width, height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(width * scale))
  canvas.height = Math.max(1, Math.round(height * scale))
  const pen = canvas.getContext('2d')
  if (!pen) return undefined
  // Like the engine for transparent photos.
  pen.fillStyle = '#fff'
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.drawImage(photo, 0, 0, canvas.width, canvas.height)
  const picture = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.9))
  return picture ? { picture, width, height } : undefined
}

async function shrinkMask(picture: ImageBitmap): Promise<Blob | undefined> {
  const scale = Math.min(1, sentSide / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(picture.width * scale))
  canvas.height = Math.max(1, Math.round(picture.height * scale))
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
  return (await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))) ?? undefined
}

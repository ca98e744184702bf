/** Prints a wall: sends the layout of this screen to the server, which has the photos. */
import { fileSize } from '../words.ts'
import { showErrors } from './form-errors.ts'
import type { Grid, WallPlaces } from './wall-places.ts'
import { breath } from './wall-stage.ts'

/** Longer side of the target picture that is sent, pixels: it is only blended faintly over the photos. */
const sentSide = 1_600

export interface Hanging extends Grid {
  target: HTMLImageElement
  places: WallPlaces
}

/** @returns the button that opens the dialog */
export function offerPrint(wall: HTMLElement, hanging: Hanging): HTMLButtonElement {
  const button = wall.querySelector<HTMLButtonElement>('[data-print]')!
  const dialog = wall.querySelector('dialog')!
  const form = dialog.querySelector('form')!
  const status = dialog.querySelector<HTMLElement>('[role=status]')!
  const submit = form.querySelector<HTMLButtonElement>('[type=submit]')!
  let making: AbortController | undefined

  button.addEventListener('click', () => dialog.showModal())
  dialog.querySelector('[data-close]')!.addEventListener('click', () => dialog.close())
  // Closing the dialog cancels the print.
  dialog.addEventListener('close', () => making?.abort())

  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    showErrors(form, {})
    making = new AbortController()
    submit.disabled = true
    status.textContent = 'Collecting the photos.'
    try {
      const answer = await fetch(`/v1/tiles/${wall.dataset.library}/print`, {
        method: 'POST',
        body: await order(form, hanging),
        signal: making.signal,
      })
      if (!answer.ok) {
        const problem = (await answer.json().catch(() => ({}))) as { errors?: Detail[]; detail?: string }
        showErrors(form, {
          form: problem.errors?.[0]?.detail ?? problem.detail ?? 'It could not be printed.',
        })
        status.textContent = ''
        return
      }
      const file = await receive(answer, (bytes) => {
        status.textContent = `${fileSize(bytes)} so far.`
      })
      status.textContent = `Done: ${fileSize(file.size)}.`
      save(file, `${wall.dataset.library}.${new FormData(form).get('format')}`)
    } catch {
      status.textContent = ''
      if (!making.signal.aborted)
        showErrors(form, {
          form: 'The print was interrupted. The wall is still here: try again in a moment.',
        })
    } finally {
      submit.disabled = false
    }
  })
  return button
}

interface Detail {
  detail: string
}

async function order(form: HTMLFormElement, { columns, rows, target, places }: Hanging): Promise<FormData> {
  const cells = Array<string | null>(columns * rows).fill(null)
  for (const id of places.tiles) cells[places.placeOf(id)!] = id
  const fields = new FormData(form)
  const job = {
    ...{ columns, cells, overlay: breath, paper: fields.get('paper'), format: fields.get('format') },
    dpi: Number(fields.get('dpi')),
  }
  const body = new FormData()
  body.set('image', await shrunken(target), 'target.jpg')
  body.set('job', JSON.stringify(job))
  return body
}

/** The target as on the wall; the server stretches it to whole cells. */
async function shrunken(target: HTMLImageElement): Promise<Blob> {
  const { naturalWidth, naturalHeight } = target
  const scale = sentSide / Math.max(naturalWidth, naturalHeight)
  const canvas = new OffscreenCanvas(Math.round(naturalWidth * scale), Math.round(naturalHeight * scale))
  canvas.getContext('2d')!.drawImage(target, 0, 0, canvas.width, canvas.height)
  return await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })
}

/** Reports the bytes received; the total is not known in advance. */
async function receive(answer: Response, onBytes: (bytes: number) => void): Promise<Blob> {
  let bytes = 0
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length
      onBytes(bytes)
      controller.enqueue(chunk)
    },
  })
  return await new Response(answer.body!.pipeThrough(counting)).blob()
}

function save(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  // By then the download has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

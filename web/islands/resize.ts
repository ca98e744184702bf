/** The resize form with JavaScript: several pictures at once, with a live preview of the first one. */
import { pixels } from '../words.ts'
import { showErrors } from './form-errors.ts'
import { takePhotos } from './photo-drop.ts'
import { remember } from './remembered.ts'
import { isFit, resizedTo } from './resized-to.ts'
import { send } from './send.ts'
import { Sending } from './sending.ts'

const form = document.querySelector<HTMLFormElement>('#resize')!
const field = (name: string) => form.querySelector<HTMLInputElement | HTMLSelectElement>(`#${name}`)!
const sending = new Sending(form)

// ---- preview

const frame = form.querySelector<HTMLElement>('[data-frame]')!
const box = frame.querySelector('div')!
const shown = frame.querySelector('img')!
const words = frame.querySelector('figcaption p')!
let picture: HTMLImageElement | undefined

function draw(): void {
  const fit = field('fit').value
  const wanted = {
    width: Number(field('width').value) || undefined,
    height: Number(field('height').value) || undefined,
    withoutEnlargement: form.querySelector<HTMLInputElement>('#withoutEnlargement')!.checked,
  }
  const size =
    picture &&
    isFit(fit) &&
    resizedTo({ width: picture.naturalWidth, height: picture.naturalHeight }, wanted, fit)
  frame.hidden = !size
  if (!size || !picture) return
  if (shown.src !== picture.src) shown.src = picture.src
  box.style.aspectRatio = `${size.width} / ${size.height}`
  shown.style.objectFit = fit === 'cover' || fit === 'contain' ? fit : 'fill'
  words.textContent = pixels(size.width, size.height)
}

const photos = takePhotos(form, (first) => {
  picture = first
  draw()
})
form.addEventListener('input', draw)

for (const link of form.querySelectorAll<HTMLElement>('[data-preset]')) {
  link.addEventListener('click', (event) => {
    event.preventDefault()
    const { width, height, fit } = JSON.parse(link.dataset.preset!) as Record<string, string | number>
    field('width').value = String(width ?? '')
    field('height').value = String(height ?? '')
    field('fit').value = String(fit)
    draw()
  })
}

// ---- sending: one request per picture, so that a rejected one does not stop the others

interface Sent {
  ids: string[]
  refused: string[]
}

async function sendAll(data: FormData): Promise<Sent | { errors: Record<string, string> }> {
  const files = photos.files.length > 0 ? photos.files : [undefined]
  const sent: Sent = { ids: [], refused: [] }
  for (const [index, file] of files.entries()) {
    if (file) data.set('image', file)
    const outcome = await send(form.action, data, (share) =>
      sending.tell(
        files.length === 1 ? 'Sending the picture' : `Sending picture ${index + 1} of ${files.length}`,
        (index + share) / files.length,
      ),
    )
    if ('location' in outcome) sent.ids.push(outcome.id)
    else if (files.length === 1) return outcome
    else sent.refused.push(`${file?.name}: ${Object.values(outcome.errors).join(' ')}`)
  }
  return sent
}

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const data = new FormData(form)
  if (photos.files.length === 0 && !data.get('url')) {
    showErrors(form, { image: 'Choose a picture, or paste a link to one.' })
    return
  }
  if (!data.get('width') && !data.get('height')) {
    showErrors(form, { width: 'Enter a width, a height, or both.' })
    return
  }
  if (!photos.areSmallEnough()) return
  showErrors(form, {})
  sending.begin()
  const outcome = await sendAll(data)
  if ('errors' in outcome || outcome.ids.length === 0) {
    sending.end()
    showErrors(form, 'errors' in outcome ? outcome.errors : { image: outcome.refused.join(' ') })
    return
  }
  for (const id of outcome.ids) remember({ id, type: 'resize', status: 'queued' })
  const query = new URLSearchParams(outcome.ids.map((id) => ['id', id]))
  for (const reason of outcome.refused) query.append('refused', reason.slice(0, 300))
  location.assign(`/result?${query}`)
})

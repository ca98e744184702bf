/** The mosaic form with JavaScript: previews, and the progress of the upload. */
import { showErrors } from './form-errors.ts'
import { previewGrid } from './grid-preview.ts'
import { previewMosaic } from './mosaic-preview.ts'
import { takePhotos } from './photo-drop.ts'
import { remember } from './remembered.ts'
import { send } from './send.ts'
import { Sending } from './sending.ts'

const form = document.querySelector<HTMLFormElement>('#make')!
const sending = new Sending(form)
const showGrid = previewGrid(form)
const showMosaic = previewMosaic(form)
const photos = takePhotos(form, (photo) => {
  showGrid(photo)
  showMosaic(photo)
})

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const data = new FormData(form)
  if (photos.files.length === 0 && !data.get('url')) {
    showErrors(form, { image: 'Choose a photo, or paste a link to one.' })
    return
  }
  if (!photos.areSmallEnough()) return
  showErrors(form, {})
  sending.begin()
  const outcome = await send(form.action, data, (share) =>
    sending.tell(share === 1 ? 'Looking at the photo' : 'Sending the photo', share),
  )
  if ('errors' in outcome) {
    sending.end()
    showErrors(form, outcome.errors)
    return
  }
  remember({ id: outcome.id, type: 'mosaic', status: 'queued' })
  location.assign(outcome.location)
})

/** Uploads a photo to a wall with JavaScript: sent as soon as it is chosen. */

import { fileSize } from '../words.ts'
import { showErrors } from './form-errors.ts'
import { send } from './send.ts'
import { Sending } from './sending.ts'

const form = document.querySelector<HTMLFormElement>('#hand-in')!
const input = form.querySelector<HTMLInputElement>('#image')!
const author = form.querySelector<HTMLInputElement>('#author')!
const button = form.querySelector<HTMLButtonElement>('[type=submit]')!
const sending = new Sending(form)
const maxBytes = Number(form.dataset.maxBytes)
const remembered = 'mosaicme.name'

try {
  author.value ||= localStorage.getItem(remembered) ?? ''
} catch {
  // Storage is disabled: the name is asked for again.
}

// Saves a tap: the chosen photo is sent at once. The button returns if that fails.
button.hidden = true
form.classList.add('scripted')

async function handIn(): Promise<void> {
  const file = input.files?.[0]
  if (!file) return showErrors(form, { image: 'Choose a photo.' })
  if (file.size > maxBytes)
    return showErrors(form, {
      image: `This photo has ${fileSize(file.size)}, but the limit is ${fileSize(maxBytes)}.`,
    })
  showErrors(form, {})
  try {
    localStorage.setItem(remembered, author.value)
  } catch {
    // As above.
  }
  sending.begin()
  const outcome = await send(form.action, new FormData(form), (share) =>
    sending.tell('Sending your photo', share),
  )
  if ('location' in outcome) return location.assign(outcome.location)
  sending.end()
  button.hidden = false
  showErrors(form, outcome.errors)
}

input.addEventListener('change', () => void handIn())
form.addEventListener('submit', (event) => {
  event.preventDefault()
  void handIn()
})

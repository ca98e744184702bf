/** The form with JavaScript: drop, paste and see the photo; watch it go up; problems where they belong. */
import { fileSize, pixels } from '../words.ts'
import { remember } from './remembered.ts'
import { send } from './send.ts'

const form = document.querySelector<HTMLFormElement>('#make')!
const find = <T extends Element = HTMLElement>(selector: string) => form.querySelector<T>(selector)!

const drop = find('[data-drop]')
const prompt = find('[data-prompt]')
const preview = find('[data-preview]')
const sending = find('[data-sending]')
const input = find<HTMLInputElement>('#image')
const link = find<HTMLInputElement>('#url')
const submit = find<HTMLButtonElement>('[type=submit]')
const maxBytes = Number(form.dataset.maxBytes)

// ---- problems, each beside its field

function showErrors(errors: Record<string, string>): void {
  for (const place of form.querySelectorAll<HTMLElement>('[data-error]')) {
    const name = place.dataset.error!
    place.textContent = errors[name] ?? ''
    const field = form.querySelector(`#${name}`)
    if (errors[name]) field?.setAttribute('aria-invalid', 'true')
    else field?.removeAttribute('aria-invalid')
  }
  const first = form.querySelector<HTMLElement>('[aria-invalid]')
  first?.closest('details')?.setAttribute('open', '')
  first?.focus()
}

// ---- the photo

function refuseTooLarge(): boolean {
  const file = input.files?.[0]
  if (!file || file.size <= maxBytes) return false
  const limit = `${file.name} has ${fileSize(file.size)}, the limit is ${fileSize(maxBytes)}.`
  showErrors({ image: `${limit} Choose a smaller photo.` })
  return true
}

function showPhoto(): void {
  const file = input.files?.[0]
  const shown = preview.querySelector('img')
  if (shown) URL.revokeObjectURL(shown.src)
  preview.replaceChildren()
  prompt.hidden = file !== undefined
  preview.hidden = file === undefined
  showErrors({})
  if (!file) return
  refuseTooLarge()
  const picture = new Image()
  const facts = document.createElement('p')
  facts.append(document.createElement('bdi'), ` ${fileSize(file.size)}`)
  facts.firstElementChild!.textContent = file.name
  picture.alt = 'The chosen photo'
  picture.addEventListener('load', () =>
    facts.append(`, ${pixels(picture.naturalWidth, picture.naturalHeight)}`),
  )
  picture.addEventListener('error', () => {
    picture.remove()
    showErrors({ image: `${file.name} cannot be shown as a picture. Is it a JPEG, PNG, WebP, GIF or AVIF?` })
  })
  picture.src = URL.createObjectURL(file)
  const remove = document.createElement('button')
  remove.type = 'button'
  remove.className = 'remove'
  remove.textContent = 'Remove'
  remove.addEventListener('click', () => {
    input.value = ''
    showPhoto()
    input.focus()
  })
  preview.append(picture, facts, remove)
}

function take(files: FileList | undefined): boolean {
  const picture = [...(files ?? [])].find((file) => file.type.startsWith('image/'))
  if (!picture) return false
  const transfer = new DataTransfer()
  transfer.items.add(picture)
  input.files = transfer.files
  showPhoto()
  return true
}

input.addEventListener('change', showPhoto)
for (const name of ['dragenter', 'dragover']) {
  addEventListener(name, (event) => {
    if (!(event as DragEvent).dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    drop.classList.add('over')
  })
}
addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) drop.classList.remove('over')
})
// Anywhere on the page: a photo that misses the box must not replace the page.
addEventListener('drop', (event) => {
  drop.classList.remove('over')
  if (!event.dataTransfer?.types.includes('Files')) return
  event.preventDefault()
  if (!take(event.dataTransfer.files))
    showErrors({ image: 'That was no picture. Drop a JPEG, PNG, WebP, GIF or AVIF.' })
})
addEventListener('paste', (event) => {
  if (take(event.clipboardData?.files)) event.preventDefault()
})

// ---- what is asked for

/** Fields of the other kind are neither sent nor checked. */
function chooseType(): void {
  const type = new FormData(form).get('type')
  for (const options of form.querySelectorAll<HTMLFieldSetElement>('fieldset[data-for]')) {
    options.disabled = options.dataset.for !== type
  }
}
for (const radio of form.querySelectorAll('[name=type]')) radio.addEventListener('change', chooseType)

// ---- sending

const status = sending.querySelector('p')!
const bar = sending.querySelector('progress')!

function setSending(on: boolean): void {
  submit.disabled = on
  sending.hidden = !on
  form.setAttribute('aria-busy', String(on))
  status.textContent = on ? 'Sending the photo' : ''
  bar.removeAttribute('value')
}

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const data = new FormData(form)
  if (!input.files?.length && !link.value) {
    showErrors({ image: 'Choose a photo, or paste a link to one.' })
    return
  }
  if (refuseTooLarge()) return
  showErrors({})
  setSending(true)
  const outcome = await send(form.action, data, (share) => {
    bar.value = share * 100
    if (share === 1) status.textContent = 'Looking at the photo'
  })
  if ('errors' in outcome) {
    setSending(false)
    showErrors(outcome.errors)
    return
  }
  remember({ id: outcome.id, type: String(data.get('type')), status: 'queued' })
  location.assign(outcome.location)
})

// Back from the job: the form is fresh, and sending it again makes another job.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return
  setSending(false)
  find<HTMLInputElement>('[name=token]').value += '+'
})

form.classList.add('scripted')
chooseType()
if (input.files?.length) showPhoto()

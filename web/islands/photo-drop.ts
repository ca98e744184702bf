/** Photos chosen, taken, dropped or pasted anywhere on the page; shown and checked before they are sent. */
import { count, fileSize, pixels } from '../words.ts'
import { showErrors } from './form-errors.ts'

export interface Photos {
  readonly files: readonly File[]
  /** Shows an error next to the field, and returns false, if one is larger than the server accepts. */
  areSmallEnough(): boolean
}

/** Previews shown; more are only counted. */
const shownAtMost = 12

/** @param onFirst called with the first picture once it can be shown, and without one if there is none */
export function takePhotos(
  form: HTMLFormElement,
  onFirst: (picture: HTMLImageElement | undefined) => void,
): Photos {
  const find = <T extends Element = HTMLElement>(selector: string) => form.querySelector<T>(selector)!
  const drop = find('[data-drop]')
  const prompt = find('[data-prompt]')
  const preview = find('[data-preview]')
  const input = find<HTMLInputElement>('#image')
  const camera = form.querySelector<HTMLInputElement>('#camera')
  const maxBytes = Number(form.dataset.maxBytes)
  const chosen = () => [...(input.files ?? [])]

  function areSmallEnough(): boolean {
    const large = chosen().find((file) => file.size > maxBytes)
    if (!large) return true
    const limit = `${large.name} has ${fileSize(large.size)}, the limit is ${fileSize(maxBytes)}.`
    showErrors(form, { image: `${limit} Choose a smaller one.` })
    return false
  }

  function show(): void {
    const files = chosen()
    for (const shown of preview.querySelectorAll('img')) URL.revokeObjectURL(shown.src)
    preview.replaceChildren()
    // Hidden, but still the field's label.
    prompt.classList.toggle('visually-hidden', files.length > 0)
    preview.hidden = files.length === 0
    preview.classList.toggle('many', files.length > 1)
    showErrors(form, {})
    onFirst(undefined)
    if (files.length === 0) return
    areSmallEnough()
    preview.append(...files.slice(0, shownAtMost).map((file, index) => figureOf(file, index === 0)))
    if (files.length > shownAtMost) preview.append(`and ${count(files.length - shownAtMost)} more`)
    const remove = document.createElement('button')
    remove.type = 'button'
    remove.className = 'remove'
    remove.textContent = files.length > 1 ? 'Remove all' : 'Remove'
    remove.addEventListener('click', () => {
      input.value = ''
      show()
      input.focus()
    })
    preview.append(remove)
  }

  function figureOf(file: File, isFirst: boolean): HTMLElement {
    const picture = new Image()
    const facts = document.createElement('p')
    facts.append(document.createElement('bdi'), ` ${fileSize(file.size)}`)
    facts.firstElementChild!.textContent = file.name
    picture.alt = isFirst ? 'The chosen photo' : file.name
    picture.addEventListener('load', () => {
      facts.append(`, ${pixels(picture.naturalWidth, picture.naturalHeight)}`)
      if (isFirst) onFirst(picture)
    })
    picture.addEventListener('error', () => {
      picture.remove()
      const heic = /\.hei[cf]$/i.test(file.name)
        ? 'HEIC pictures cannot be read here: save it as JPEG first.'
        : 'Is it a JPEG, PNG, WebP, GIF or AVIF?'
      showErrors(form, { image: `${file.name} cannot be shown as a picture. ${heic}` })
    })
    picture.src = URL.createObjectURL(file)
    const figure = document.createElement('div')
    figure.append(picture, facts)
    return figure
  }

  function take(files: FileList | undefined): boolean {
    const found = [...(files ?? [])].filter((file) => file.type.startsWith('image/'))
    if (found.length === 0) return false
    const transfer = new DataTransfer()
    for (const file of input.multiple ? [...chosen(), ...found] : found.slice(0, 1)) transfer.items.add(file)
    input.files = transfer.files
    show()
    return true
  }

  input.addEventListener('change', show)
  if (camera && matchMedia('(pointer: coarse)').matches) {
    camera.closest<HTMLElement>('[data-camera]')!.hidden = false
    camera.addEventListener('change', () => take(camera.files ?? undefined))
  }
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
  // Anywhere on the page, because a photo dropped outside the box would replace the page.
  addEventListener('drop', (event) => {
    drop.classList.remove('over')
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    if (!take(event.dataTransfer.files))
      showErrors(form, { image: 'That is not a picture. Drop a JPEG, PNG, WebP, GIF or AVIF.' })
  })
  addEventListener('paste', (event) => {
    if (take(event.clipboardData?.files)) event.preventDefault()
  })
  form.classList.add('scripted')
  // The browser restored the choice after a reload.
  if (chosen().length > 0) show()

  return {
    get files() {
      return chosen()
    },
    areSmallEnough,
  }
}

/** The page of a mosaic with JavaScript. Heavy parts (deep zoom, plan) are loaded on demand. */
import type { Job } from '../job.ts'
import { makeComparable } from './compare.ts'
import type { TileEdit } from './edit-tile.ts'
import type { Plan } from './plan.ts'
import { forget, isRemembered } from './remembered.ts'
import { viewInAddress } from './view.ts'

const article = document.querySelector<HTMLElement>('.mosaic')!
const find = <T extends Element = HTMLElement>(selector: string) => article.querySelector<T>(selector)
const id = article.dataset.id!
const said = find('[data-said]')!

const comparison = find('[data-compare]')
if (comparison) makeComparable(comparison)

// ---- the deep zoom

/** Prefix of API URLs: `/admin` for operators, whose key is only sent there. */
const base = article.dataset.base ?? ''
const mayChange = base !== '' || isRemembered(id)

const figure = find('[data-dzi]')
const still = find<HTMLAnchorElement>('.still')!

if (figure) {
  const zoom = () => import('./zoom.ts')
  const open = async () => {
    still.setAttribute('aria-busy', 'true')
    try {
      return await (await zoom()).openZoom(figure, tilesOf(figure))
    } catch {
      said.textContent = 'The deep zoom could not be loaded. The large picture is one click away.'
      return undefined
    } finally {
      still.removeAttribute('aria-busy')
    }
  }

  const invite = document.createElement('span')
  invite.className = 'invite'
  invite.textContent = 'Zoom into the tiles'
  still.append(invite)
  // Preloads the code before the click.
  still.addEventListener('pointerenter', () => void zoom(), { once: true })
  still.addEventListener('click', async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    if (!(await open())) location.assign(still.href)
  })

  const search = find('.find')!
  const form = find<HTMLFormElement>('[data-find]')!
  search.hidden = false
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const wanted = String(new FormData(form).get('find'))
    await (await open())?.find(wanted)
  })

  const wanted = new URLSearchParams(location.search).get('find')
  if (wanted) {
    form.querySelector('input')!.value = wanted
    form.requestSubmit()
  } else if (viewInAddress()) void open()
}

// ---- editing, by its maker

function tilesOf({ dataset: { library } }: HTMLElement) {
  const dialog = find<HTMLDialogElement>('[data-edit]')
  const photos = library === undefined ? undefined : `${base}/v1/tiles/${library}`
  if (!mayChange || !dialog || library === undefined) return { photos, onWrongTile: undefined }
  let editing: Promise<TileEdit> | undefined
  const edit = async () =>
    new (await import('./edit-tile.ts')).TileEdit(dialog, { id, library, base, onLeft: tellOfNew })
  const onWrongTile = async (plan: Plan, cell: number) => {
    editing ??= edit()
    try {
      ;(await editing).open(plan, cell)
    } catch {
      editing = undefined
      said.textContent = 'The editor could not be loaded. Try again in a moment.'
    }
  }
  return { photos, onWrongTile }
}

/** For when the dialog was closed before the new mosaic was ready. */
function tellOfNew(job: Job): void {
  const link = document.createElement('a')
  link.href = `${base}/jobs/${encodeURIComponent(job.id)}`
  link.textContent = 'Watch it'
  said.replaceChildren('The new mosaic is still being made. ', link)
}

const changeable = find('[data-changeable]')
if (changeable) changeable.hidden = !mayChange

// ---- sharing

const share = find<HTMLButtonElement>('[data-share]')!
share.hidden = false
share.addEventListener('click', async () => {
  const link = { title: document.title, url: location.href }
  try {
    if (navigator.share) return await navigator.share(link)
    await navigator.clipboard.writeText(link.url)
    said.textContent = 'The link has been copied.'
  } catch (error) {
    if ((error as Error).name !== 'AbortError') said.textContent = `Copy this link: ${link.url}`
  }
})

// ---- deleting, by its maker

if (mayChange) {
  const remove = find<HTMLButtonElement>('[data-delete]')!
  remove.hidden = false
  remove.addEventListener('click', async () => {
    if (!confirm('Delete this mosaic for everybody? This cannot be undone.')) return
    remove.disabled = true
    const answer = await fetch(`${base}/v1/jobs/${encodeURIComponent(id)}`, { method: 'DELETE' }).catch(
      () => undefined,
    )
    if (answer?.ok) {
      forget(id)
      return location.assign('/')
    }
    remove.disabled = false
    said.textContent = 'It could not be deleted. Try again in a moment.'
  })
}

/** "Not this tile": asks what to use in a cell instead, requests the edit, and leads to the new mosaic. */
import type { Job } from '../job.ts'
import { count, stepName } from '../words.ts'
import { followJob } from './follow-job.ts'
import { showErrors } from './form-errors.ts'
import { authorName, type Plan, type PlanTile, sourceName, tileOf } from './plan.ts'
import { placeOf } from './plan-cells.ts'
import { remember } from './remembered.ts'

/** Number of other tiles offered. */
const offered = 8

export interface EditedMosaic {
  /** Job ID. */
  id: string
  library: string
  /** Prefix of all URLs: `/admin` for operators. */
  base: string
  /** Called if the dialog is closed while the new mosaic is being made. */
  onLeft: (job: Job) => void
}

export class TileEdit {
  readonly #dialog: HTMLDialogElement
  readonly #form: HTMLFormElement
  readonly #mosaic: EditedMosaic
  #cell = { x: 0, y: 0, tile: '' }
  /** Aborts requests when the dialog is closed. */
  #looking = new AbortController()
  #leave: (() => void) | undefined
  /** Counts openings: a response may arrive when the dialog is closed, or shows another cell. */
  #opened = 0

  constructor(dialog: HTMLDialogElement, mosaic: EditedMosaic) {
    this.#dialog = dialog
    this.#form = dialog.querySelector('form')!
    this.#mosaic = mosaic
    this.#find('[data-close]').addEventListener('click', () => dialog.close())
    dialog.addEventListener('close', () => {
      this.#looking.abort()
      this.#leave?.()
      this.#show(undefined)
    })
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#send()
    })
  }

  #find<T extends HTMLElement>(selector: string): T {
    return this.#dialog.querySelector<T>(selector)!
  }

  open(plan: Plan, cell: number): void {
    const tile = tileOf(plan, cell)
    if (!tile) return
    const { column, row } = placeOf(plan, cell)
    this.#cell = { x: column, y: row, tile: tile.id }
    this.#opened++
    this.#form.reset()
    showErrors(this.#form, {})
    const name = document.createElement('bdi')
    name.textContent = authorName(tile) ?? sourceName(tile)
    this.#find('[data-what]').replaceChildren(name, `, row ${this.#cell.y + 1}, column ${this.#cell.x + 1}`)
    const places = placesOf(plan, tile)
    this.#find('[data-everywhere]').textContent =
      places === 1
        ? 'it is only used here, and will not be used again'
        : `other tiles replace it in all ${count(places)} cells`
    this.#dialog.showModal()
    void this.#offer()
  }

  async #offer(): Promise<void> {
    const { id, base, library } = this.#mosaic
    const { x, y } = this.#cell
    const place = this.#find('[data-runners-up]')
    const looking = this.#find('[data-looking]')
    place.replaceChildren()
    looking.hidden = false
    looking.textContent = 'Looking for tiles that fit…'
    this.#looking = new AbortController()
    const { signal } = this.#looking
    try {
      const query = new URLSearchParams({ x: String(x), y: String(y), limit: String(offered) })
      const answer = await fetch(`${base}/v1/jobs/${encodeURIComponent(id)}/runners-up?${query}`, { signal })
      if (!answer.ok) throw new Error(`the request for tiles failed with status ${answer.status}`)
      const { data } = (await answer.json()) as { data: PlanTile[] }
      place.replaceChildren(...data.map((tile) => choiceOf(tile, `${base}/v1/tiles/${library}`)))
      looking.textContent = 'Or use one of these, closest match first:'
      looking.hidden = data.length === 0
    } catch {
      if (!signal.aborted)
        looking.textContent = 'Other tiles could not be loaded. Both choices above still work.'
    }
  }

  async #send(): Promise<void> {
    const { id, base } = this.#mosaic
    showErrors(this.#form, {})
    // Read before disabling the choices, because disabled fields are not part of the form's data.
    const body = JSON.stringify(this.#edits())
    this.#show('The new mosaic has been requested.')
    // The pressed button can no longer have the focus.
    this.#find('[data-close]').focus()
    const opened = this.#opened
    const answer = await fetch(`${base}/v1/jobs/${encodeURIComponent(id)}/edits`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body,
    }).catch(() => undefined)
    if (!answer && opened !== this.#opened) return
    if (!answer) return this.#refuse('The server cannot be reached. Try again in a moment.')
    const told = (await answer.json().catch(() => undefined)) as unknown
    if (!this.#dialog.open || opened !== this.#opened) {
      if (answer.ok) this.#left(told as Job)
      return
    }
    if (!answer.ok) {
      const problem = told as { detail?: string; errors?: { detail: string }[] } | undefined
      return this.#refuse(
        problem?.errors?.[0]?.detail ??
          problem?.detail ??
          `The server answered with status ${answer.status}.`,
      )
    }
    this.#follow(told as Job)
  }

  #edits(): object {
    const { tile, ...place } = this.#cell
    const instead = String(new FormData(this.#form).get('instead'))
    if (instead === 'replace') return { replace: [place] }
    return instead === 'ban' ? { ban: [tile] } : { pin: [{ ...place, tile: instead }] }
  }

  #follow(job: Job): void {
    const { base } = this.#mosaic
    this.#remember(job)
    const end = followJob(
      job,
      {
        onJob: (told) => this.#tell(told),
        onLost: () => this.#show('The connection is lost. The new mosaic is still being made.'),
      },
      base,
    )
    this.#leave = () => {
      this.#leave = undefined
      end()
      this.#mosaic.onLeft(job)
    }
  }

  /** Hands a job over when the dialog no longer waits for it. */
  #left(job: Job): void {
    this.#remember(job)
    this.#mosaic.onLeft(job)
  }

  #remember({ id, type, status }: Job): void {
    // Operators may edit every mosaic: theirs do not count as made on this device.
    if (this.#mosaic.base === '') remember({ id, type, status })
  }

  #tell(job: Job): void {
    const { stage, step, steps, done, total } = job.progress
    if (job.status === 'succeeded') {
      this.#leave = undefined
      this.#show('Done.', 1)
      // The hash keeps the same part in view.
      location.assign(`${this.#mosaic.base}/mosaic/${encodeURIComponent(job.id)}${location.hash}`)
    } else if (job.status === 'failed' || job.status === 'canceled') {
      this.#leave = undefined
      this.#refuse(job.error?.message ?? 'The new mosaic was canceled before it was finished.')
    } else if (job.status === 'queued') this.#show('Waiting for a free worker.')
    else {
      const share = total > 0 ? Math.min(1, done / total) : 0
      this.#show(stepName(stage), steps > 0 ? (step - 1 + share) / steps : undefined)
    }
  }

  /** Shows the progress, or hides it. @param share done, 0..1 */
  #show(words: string | undefined, share?: number): void {
    const making = this.#find('[data-making]')
    const status = this.#find('[data-making] [role=status]')
    const bar = this.#find<HTMLProgressElement>('progress')
    const isMaking = words !== undefined
    making.hidden = !isMaking
    if (status.textContent !== words) status.textContent = words ?? ''
    if (share === undefined) bar.removeAttribute('value')
    else bar.value = share * 100
    this.#find<HTMLButtonElement>('[type=submit]').disabled = isMaking
    this.#find<HTMLFieldSetElement>('[data-choices]').disabled = isMaking
  }

  #refuse(sentence: string): void {
    this.#show(undefined)
    showErrors(this.#form, { form: sentence })
    this.#find('[type=submit]').focus()
  }
}

/** Number of cells that show a tile, in any orientation. */
function placesOf(plan: Plan, { id }: PlanTile): number {
  const turned = new Set(plan.tiles.used.flatMap((tile, index) => (tile.id === id ? [index] : [])))
  return plan.cells.filter((tile) => turned.has(tile)).length
}

function choiceOf(tile: PlanTile, library: string): HTMLLabelElement {
  const label = document.createElement('label')
  const radio = document.createElement('input')
  radio.type = 'radio'
  radio.name = 'instead'
  radio.value = tile.id
  const photo = new Image()
  photo.src = `${library}/${tile.id}/picture`
  photo.alt = authorName(tile) ?? sourceName(tile)
  photo.title = photo.alt
  label.append(radio, photo)
  return label
}

/** The end of a form while it is being sent: progress, and the button again if it was rejected. */
export class Sending {
  readonly #form: HTMLFormElement
  readonly #place: HTMLElement
  readonly #bar: HTMLProgressElement
  readonly #status: HTMLElement

  constructor(form: HTMLFormElement) {
    this.#form = form
    this.#place = form.querySelector<HTMLElement>('[data-sending]')!
    this.#bar = this.#place.querySelector('progress')!
    this.#status = this.#place.querySelector('p')!
    // Restored from the back-forward cache: reset the form, so that sending it again starts another job.
    addEventListener('pageshow', (event) => {
      if (!event.persisted) return
      this.end()
      form.querySelector<HTMLInputElement>('[name=token]')!.value += '+'
    })
  }

  begin(): void {
    this.#set(true)
  }

  end(): void {
    this.#set(false)
  }

  /** @param share sent, 0..1 */
  tell(words: string, share: number): void {
    this.#bar.value = share * 100
    if (this.#status.textContent !== words) this.#status.textContent = words
  }

  #set(on: boolean): void {
    this.#form.querySelector<HTMLButtonElement>('[type=submit]')!.disabled = on
    this.#place.hidden = !on
    this.#form.setAttribute('aria-busy', String(on))
    this.#status.textContent = ''
    this.#bar.removeAttribute('value')
  }
}

/** Shows problems next to their fields. */
export function showErrors(form: HTMLFormElement, errors: Record<string, string>): void {
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

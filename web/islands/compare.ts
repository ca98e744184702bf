/** Overlays photo and mosaic, with a range input between them, which works with any input device. */

export function makeComparable(box: HTMLElement): void {
  const over = box.querySelector<HTMLElement>('.over')!
  const slider = document.createElement('input')
  slider.type = 'range'
  slider.min = '0'
  slider.max = '100'
  slider.value = '50'
  slider.setAttribute('aria-label', 'From the photo to the mosaic')
  const line = document.createElement('span')
  line.className = 'line'
  const show = () => {
    const share = Number(slider.value)
    slider.setAttribute('aria-valuetext', `${100 - share} % mosaic`)
    over.style.clipPath = `inset(0 0 0 ${share}%)`
    line.style.left = `${share}%`
  }
  slider.addEventListener('input', show)
  box.classList.add('laid-over')
  box.append(slider, line)
  show()
}

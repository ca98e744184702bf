/** The viewer's buttons, for people without a wheel, and for keyboards. */
import type { Viewer } from 'openseadragon'

function button(text: string, label: string, act: () => void): HTMLButtonElement {
  const element = document.createElement('button')
  element.type = 'button'
  element.textContent = text
  element.title = label
  element.setAttribute('aria-label', label)
  element.addEventListener('click', act)
  return element
}

export function toolbar(viewer: Viewer, figure: HTMLElement, nameTile: () => void): HTMLElement {
  const bar = document.createElement('div')
  bar.className = 'toolbar'
  bar.setAttribute('role', 'toolbar')
  bar.setAttribute('aria-label', 'Zoom')
  const zoom = (factor: number) => {
    viewer.viewport.zoomBy(factor)
    viewer.viewport.applyConstraints()
  }
  bar.append(
    button('+', 'Zoom in', () => zoom(2)),
    button('−', 'Zoom out', () => zoom(0.5)),
    button('?', 'Name the tile in the centre', nameTile),
    button('⤢', 'Full screen', () => {
      if (document.fullscreenElement) void document.exitFullscreen()
      else void figure.requestFullscreen?.()
    }),
    button('↺', 'Whole mosaic', () => viewer.viewport.goHome()),
  )
  return bar
}

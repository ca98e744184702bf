/** Deep zoom, loaded when somebody asks for it: until then the page is a picture and a link. */
import type { Viewer } from 'openseadragon'

const figure = document.querySelector<HTMLElement>('[data-dzi]')
const still = figure?.querySelector<HTMLAnchorElement>('.still')

const button = (text: string, label: string, act: () => void) => {
  const element = document.createElement('button')
  element.type = 'button'
  element.textContent = text
  element.setAttribute('aria-label', label)
  element.addEventListener('click', act)
  return element
}

if (figure && still) {
  const invite = document.createElement('span')
  invite.className = 'invite'
  invite.textContent = 'Zoom into the tiles'
  still.append(invite)
  // The code is on its way before the click.
  still.addEventListener('pointerenter', () => void import('openseadragon'), { once: true })
  still.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    open(figure, still).catch(() => location.assign(still.href))
  })
}

/**
 * OpenSeadragon 6 adds a style element of its own, which the security policy refuses, unless one with this mark is
 * there. One of no namespace is found as well and styles nothing; its rule stands in `styles/mosaic.css`.
 */
function keepStylesOut(): void {
  const mark = document.createElementNS(null, 'style')
  mark.setAttribute('data-openseadragon-mobile-css', 'true')
  document.head.append(mark)
}

async function open(figure: HTMLElement, still: HTMLAnchorElement): Promise<void> {
  still.setAttribute('aria-busy', 'true')
  const { default: OpenSeadragon } = await import('openseadragon')
  keepStylesOut()
  const stage = document.createElement('div')
  stage.className = 'stage'
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
  const viewer = OpenSeadragon({
    element: stage,
    tileSources: new URL(figure.dataset.dzi!, location.href).pathname,
    // Its own buttons are picture files; ours are text.
    showNavigationControl: false,
    animationTime: calm ? 0 : 0.6,
    maxZoomPixelRatio: 3,
    visibilityRatio: 0.8,
    gestureSettingsMouse: { clickToZoom: true, dblClickToZoom: true },
    crossOriginPolicy: false,
    drawer: 'canvas',
  })
  figure.append(stage)
  viewer.addOnceHandler('open-failed', () => {
    viewer.destroy()
    stage.remove()
    location.assign(still.href)
  })
  viewer.addOnceHandler('open', () => {
    stage.append(toolbar(viewer, figure))
    figure.classList.add('open')
    still.removeAttribute('aria-busy')
    viewer.canvas.setAttribute('role', 'application')
    viewer.canvas.setAttribute('aria-label', 'The mosaic, enlarged: arrow keys move, plus and minus zoom')
    viewer.canvas.focus()
  })
}

function toolbar(viewer: Viewer, figure: HTMLElement): HTMLElement {
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
    button('⤢', 'Full screen', () => {
      if (document.fullscreenElement) void document.exitFullscreen()
      else void figure.requestFullscreen?.()
    }),
    button('↺', 'Whole mosaic', () => viewer.viewport.goHome()),
  )
  return bar
}

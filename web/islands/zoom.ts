/** The deep zoom: OpenSeadragon with keyboard support, the view in the URL, and details of every tile. */
import OpenSeadragon, { type Viewer } from 'openseadragon'
import { fetchPlan, type Plan, placesOf } from './plan.ts'
import { boxOf, cellAt, mosaicSize } from './plan-cells.ts'
import { TilePanel, type TilePanelOptions } from './tile-panel.ts'
import { toolbar } from './toolbar.ts'
import { putViewInAddress, viewInAddress } from './view.ts'

export interface Zoom {
  /** Moves to the first tile of this person or file, and says where the others are. */
  find(wanted: string): Promise<void>
}

/** Options for the tile panel. */
export type TilesOfMosaic = Omit<TilePanelOptions, 'dzi'>

/** Minimum size of a cell on the screen for pointing at it, CSS pixels. */
const pointable = 8
/** From this size on, a click selects a tile; below, it zooms. */
const clickable = 24
/** Share of the view that a found tile fills. */
const shareOfFound = 1 / 7

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches

let opened: Promise<Zoom> | undefined

/** Opens it once. @throws if the pyramid cannot be read */
export function openZoom(figure: HTMLElement, tiles: TilesOfMosaic): Promise<Zoom> {
  opened ??= open(figure, tiles).catch((error) => {
    opened = undefined
    throw error
  })
  return opened
}

/**
 * OpenSeadragon 6 adds a style element, which the security policy forbids, unless one with this marker exists. An element without
 * a namespace satisfies it and has no effect; the rule itself is in `styles/mosaic.css`.
 */
function keepStylesOut(): void {
  const mark = document.createElementNS(null, 'style')
  mark.setAttribute('data-openseadragon-mobile-css', 'true')
  document.head.append(mark)
}

async function open(figure: HTMLElement, tiles: TilesOfMosaic): Promise<Zoom> {
  keepStylesOut()
  const stage = document.createElement('div')
  stage.className = 'stage'
  const viewer = OpenSeadragon({
    element: stage,
    tileSources: new URL(figure.dataset.dzi!, location.href).pathname,
    // Its own buttons are pictures; ours are text.
    showNavigationControl: false,
    animationTime: calm() ? 0 : 0.7,
    maxZoomPixelRatio: 3,
    visibilityRatio: 0.8,
    gestureSettingsMouse: { clickToZoom: true, dblClickToZoom: true },
    crossOriginPolicy: false,
    drawer: 'canvas',
  })
  figure.append(stage)
  await new Promise<void>((resolve, reject) => {
    viewer.addOnceHandler('open', () => resolve())
    viewer.addOnceHandler('open-failed', ({ message }) => reject(new Error(message)))
  }).catch((error) => {
    viewer.destroy()
    stage.remove()
    throw error
  })
  const zoom = new OpenedZoom(viewer, figure, tiles)
  stage.append(toolbar(viewer, figure, () => zoom.holdMiddle()))
  figure.classList.add('open')
  viewer.canvas.setAttribute('role', 'application')
  viewer.canvas.setAttribute(
    'aria-label',
    'The mosaic, enlarged: arrow keys move, plus and minus zoom, Enter names the tile in the centre, Tab moves to its actions',
  )
  viewer.canvas.focus({ preventScroll: true })
  return zoom
}

class OpenedZoom implements Zoom {
  readonly #viewer: Viewer
  readonly #figure: HTMLElement
  readonly #aspect: number
  readonly #plan: Promise<Plan | undefined>
  readonly #mark = document.createElement('div')
  #panel: TilePanel | undefined
  /** Selected by a click, so that the pointer no longer changes it. */
  #held: number | undefined
  #places: number[] = []
  #at = 0

  constructor(viewer: Viewer, figure: HTMLElement, tiles: TilesOfMosaic) {
    this.#viewer = viewer
    this.#figure = figure
    const { x, y } = viewer.world.getItemAt(0).getContentSize()
    this.#aspect = y / x
    this.#mark.className = 'cell-mark'
    // The viewer works without it.
    this.#plan = fetchPlan(figure.dataset.plan!).catch(() => undefined)
    void this.#plan.then((plan) => {
      if (!plan) return
      this.#panel = new TilePanel(plan, { dzi: figure.dataset.dzi!, ...tiles })
      viewer.element.append(this.#panel.element)
      this.#watchPointer(plan)
    })
    this.#watchKeys()
    this.#keepAddress()
    for (const button of document.querySelectorAll<HTMLButtonElement>('[data-step]'))
      button.addEventListener('click', () => this.#flyTo(this.#at + Number(button.dataset.step)))
  }

  async find(wanted: string): Promise<void> {
    const plan = await this.#plan
    this.#places = plan ? placesOf(plan, wanted) : []
    for (const button of document.querySelectorAll<HTMLElement>('[data-step]'))
      button.hidden = this.#places.length < 2
    if (this.#places.length > 0) return this.#flyTo(0)
    this.#say(
      plan
        ? `No tile of this mosaic is by “${wanted}”, and none has that name.`
        : 'The names of the tiles could not be loaded. Try again in a moment.',
    )
  }

  /** Selects the tile in the centre, for keyboards. */
  async holdMiddle(): Promise<void> {
    const plan = await this.#plan
    const cell = plan && this.#cellUnder(plan, this.#viewer.viewport.getCenter(true))
    if (cell !== undefined) this.#hold(cell)
  }

  #flyTo(place: number): void {
    const { length } = this.#places
    this.#at = (place + length) % length
    const cell = this.#places[this.#at]!
    void this.#plan.then((plan) => {
      if (!plan) return
      const rect = this.#rectOf(plan, cell)
      const margin = rect.width * (1 / shareOfFound / 2 - 0.5)
      const around = new OpenSeadragon.Rect(
        rect.x - margin,
        rect.y - margin,
        rect.width + 2 * margin,
        rect.height + 2 * margin,
      )
      this.#viewer.viewport.fitBounds(around, calm())
      this.#hold(cell)
      this.#say(length === 1 ? 'Found in one place.' : `Place ${this.#at + 1} of ${length}.`)
    })
    this.#figure.scrollIntoView({ block: 'nearest', behavior: calm() ? 'auto' : 'smooth' })
  }

  #say(sentence: string): void {
    document.querySelector('#found')!.textContent = sentence
  }

  /** In the viewer's units, in which the mosaic is 1 wide. */
  #rectOf(plan: Plan, cell: number) {
    const scale = 1 / mosaicSize(plan).width
    const { left, top, width, height } = boxOf(plan, cell)
    return new OpenSeadragon.Rect(left * scale, top * scale, width * scale, height * scale)
  }

  #cellUnder(plan: Plan, point: { x: number; y: number }): number | undefined {
    return cellAt(plan, point.x, point.y / this.#aspect)
  }

  /** Side of a cell on the screen, CSS pixels. */
  #cellOnScreen({ grid: { columns } }: Plan): number {
    return (this.#viewer.viewport.getZoom(true) * this.#viewer.viewport.getContainerSize().x) / columns
  }

  #show(plan: Plan, cell: number): void {
    const rect = this.#rectOf(plan, cell)
    if (this.#mark.isConnected) this.#viewer.updateOverlay(this.#mark, rect)
    else this.#viewer.addOverlay({ element: this.#mark, location: rect })
    this.#panel?.show(cell, this.#held === cell)
  }

  #hold(cell: number): void {
    this.#held = cell
    void this.#plan.then((plan) => {
      if (!plan || this.#held !== cell) return
      this.#mark.classList.add('held')
      this.#show(plan, cell)
    })
  }

  #release(): void {
    this.#held = undefined
    this.#mark.classList.remove('held')
    this.#viewer.removeOverlay(this.#mark)
    // The panel may contain the focus.
    if (this.#panel?.element.contains(document.activeElement))
      this.#viewer.canvas.focus({ preventScroll: true })
    this.#panel?.hide()
  }

  #watchPointer(plan: Plan): void {
    const viewer = this.#viewer
    const under = (position: { x: number; y: number }) =>
      this.#cellUnder(
        plan,
        viewer.viewport.pointFromPixel(new OpenSeadragon.Point(position.x, position.y), true),
      )
    viewer.element.addEventListener('pointermove', (event) => {
      if (event.pointerType === 'touch' || event.buttons > 0 || this.#held !== undefined) return
      const { left, top } = viewer.element.getBoundingClientRect()
      const cell = under({ x: event.clientX - left, y: event.clientY - top })
      if (cell === undefined || this.#cellOnScreen(plan) < pointable) this.#release()
      else this.#show(plan, cell)
    })
    viewer.element.addEventListener('pointerleave', () => {
      if (this.#held === undefined) this.#release()
    })
    viewer.addHandler('canvas-click', (event) => {
      if (!event.quick || this.#cellOnScreen(plan) < clickable) return
      const cell = under(event.position)
      event.preventDefaultAction = true
      if (cell === undefined || cell === this.#held) this.#release()
      else this.#hold(cell)
    })
  }

  /** From the start: the canvas has the focus before the plan is there. */
  #watchKeys(): void {
    const viewer = this.#viewer
    viewer.element.addEventListener('keydown', ({ key, target }) => {
      if (key === 'Escape') this.#release()
      if (key === 'Enter' && target === viewer.canvas) void this.holdMiddle()
    })
  }

  #keepAddress(): void {
    const { viewport } = this.#viewer
    const goTo = (immediately: boolean) => {
      const view = viewInAddress()
      if (!view) return
      viewport.zoomTo(view.zoom * viewport.getHomeZoom(), undefined, immediately)
      viewport.panTo(new OpenSeadragon.Point(view.x, view.y * this.#aspect), immediately)
    }
    goTo(true)
    addEventListener('hashchange', () => goTo(calm()))
    this.#viewer.addHandler('animation-finish', () => {
      const { x, y } = viewport.getCenter()
      putViewInAddress({
        x: Math.min(1, Math.max(0, x)),
        y: Math.min(1, Math.max(0, y / this.#aspect)),
        zoom: viewport.getZoom() / viewport.getHomeZoom(),
      })
    })
  }
}

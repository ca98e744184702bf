/**
 * A wall that grows: photos fly to their places as they arrive. What is drawn stays on one canvas, so that an evening of
 * arrivals takes no more memory than its first hour; what a broken network kept back is caught up with.
 */
import { count } from '../words.ts'
import { type Lab, linear, oklab, WallPlaces, wallGrid } from './wall-places.ts'

interface Tile {
  id: string
  author?: { name?: string; handle?: string }
}

const wall = document.querySelector<HTMLElement>('.wall')!
const stage = wall.querySelector<HTMLElement>('.wall-stage')!
const target = wall.querySelector<HTMLImageElement>('.wall-target')!
const counter = wall.querySelector<HTMLElement>('[data-count]')!
const library = wall.dataset.library!
const wantedCells = Number(wall.dataset.cells)

/** Canvas pixels of a cell: sharp on a projector, and within what browsers allow a canvas at 10,000 cells. */
const cellPixels = Math.max(16, Math.min(64, Math.floor(4_000 / Math.sqrt(wantedCells))))
/** Photos on their way to us at once. */
const inFlight = 8
const flightMs = 700
/** How much of the picture lies over each photo, 0..1. */
const breath = 0.3
/** A time-lapse of the whole evening, ms. */
const lapseMs = 20_000

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches

await target.decode()
const { columns, rows } = wallGrid(wantedCells, target.naturalWidth / target.naturalHeight)
const canvas = document.createElement('canvas')
canvas.width = columns * cellPixels
canvas.height = rows * cellPixels
canvas.setAttribute('role', 'img')
const pen = canvas.getContext('2d')!
stage.append(canvas)
stage.style.aspectRatio = `${columns} / ${rows}`
stage.style.setProperty('--ratio', String(columns / rows))

/** The mean colour of each of `across` x `down` areas of a picture. */
function coloursOf(picture: CanvasImageSource, across: number, down: number): Lab[] {
  const detail = 4
  const small = new OffscreenCanvas(across * detail, down * detail)
  const brush = small.getContext('2d', { willReadFrequently: true })!
  brush.drawImage(picture, 0, 0, small.width, small.height)
  const { data } = brush.getImageData(0, 0, small.width, small.height)
  return Array.from({ length: across * down }, (_, cell) => {
    const sum = [0, 0, 0]
    for (let i = 0; i < detail * detail; i++) {
      const x = (cell % across) * detail + (i % detail)
      const y = Math.floor(cell / across) * detail + Math.floor(i / detail)
      for (let channel = 0; channel < 3; channel++)
        sum[channel]! += linear(data[(y * small.width + x) * 4 + channel]!) / detail ** 2
    }
    return oklab(sum[0]!, sum[1]!, sum[2]!)
  })
}

const places = new WallPlaces(coloursOf(target, columns, rows))
const arrivals: Tile[] = []

function tell(): void {
  const all = columns * rows
  counter.textContent = `${count(places.size)} of ${count(all)} photos${places.size === all ? ': it is whole' : ''}`
  canvas.setAttribute('aria-label', `A mosaic of ${count(places.size)} photos`)
  lapse.hidden = places.size < 2
}

// ---- one photo

const pictureOf = (id: string) => `/v1/tiles/${library}/${id}/picture`

async function load(id: string): Promise<ImageBitmap | undefined> {
  try {
    const answer = await fetch(pictureOf(id))
    return answer.ok ? await createImageBitmap(await answer.blob()) : undefined
  } catch {
    return undefined // The network is away: caught up with when it is back.
  }
}

/** The middle square of it, with a breath of the picture that it is part of: few photos are of the right colour. */
function draw(picture: ImageBitmap, cell: number): void {
  const side = Math.min(picture.width, picture.height)
  const column = cell % columns
  const row = Math.floor(cell / columns)
  const place = [column * cellPixels, row * cellPixels, cellPixels, cellPixels] as const
  pen.drawImage(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, ...place)
  const part = { width: target.naturalWidth / columns, height: target.naturalHeight / rows }
  pen.globalAlpha = breath
  pen.drawImage(target, column * part.width, row * part.height, part.width, part.height, ...place)
  pen.globalAlpha = 1
}

function clear(cell: number): void {
  pen.clearRect(
    (cell % columns) * cellPixels,
    Math.floor(cell / columns) * cellPixels,
    cellPixels,
    cellPixels,
  )
}

/** From the middle of the wall, large, to its cell. */
async function fly(picture: ImageBitmap, cell: number): Promise<void> {
  if (calm() || document.hidden) return
  const bird = document.createElement('canvas')
  bird.className = 'bird'
  bird.width = 256
  bird.height = 256
  const side = Math.min(picture.width, picture.height)
  bird
    .getContext('2d')
    ?.drawImage(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, 0, 0, 256, 256)
  stage.append(bird)
  const box = stage.getBoundingClientRect()
  const size = box.width / columns
  const large = Math.min(box.width, box.height) / 3
  const at = (x: number, y: number, scale: number) => `translate(${x}px, ${y}px) scale(${scale})`
  const middle = at((box.width - large) / 2, (box.height - large) / 2, large / 256)
  const place = at((cell % columns) * size, Math.floor(cell / columns) * size, size / 256)
  const flight = bird.animate(
    [
      { transform: middle, opacity: 0 },
      { transform: middle, opacity: 1, offset: 0.25 },
      { transform: place, opacity: 1 },
    ],
    { duration: flightMs, easing: 'ease-in-out', fill: 'forwards' },
  )
  await flight.finished.catch(() => undefined)
  bird.remove()
}

async function hang(tile: Tile, picture: ImageBitmap, flies: boolean): Promise<void> {
  const [colour] = coloursOf(picture, 1, 1)
  const cell = places.place(tile.id, colour!)
  if (cell === undefined) return picture.close()
  arrivals.push(tile)
  tell()
  if (flies) await fly(picture, cell)
  // It may have been taken down while it flew.
  if (places.placeOf(tile.id) === cell) draw(picture, cell)
  picture.close()
  if (tile.id === wanted) mark()
}

// ---- all of them

let work: Promise<void> = Promise.resolve()

/** In their order, whatever order they come in: places follow from it. */
async function add(tiles: readonly Tile[], flies: boolean): Promise<void> {
  const fresh = tiles.filter(({ id }) => places.placeOf(id) === undefined).slice(0, columns * rows)
  const coming = new Map<string, Promise<ImageBitmap | undefined>>()
  const flights: Promise<void>[] = []
  for (const [index, tile] of fresh.entries()) {
    for (const ahead of fresh.slice(index, index + inFlight))
      if (!coming.has(ahead.id)) coming.set(ahead.id, load(ahead.id))
    const picture = await coming.get(tile.id)
    coming.delete(tile.id)
    if (picture) flights.push(hang(tile, picture, flies))
  }
  await Promise.all(flights)
}

function remove(ids: readonly string[]): void {
  for (const id of ids) {
    const cell = places.remove(id)
    if (cell !== undefined) clear(cell)
    const at = arrivals.findIndex((tile) => tile.id === id)
    if (at >= 0) arrivals.splice(at, 1)
  }
  tell()
}

async function catchUp(flies: boolean): Promise<void> {
  const answer = await fetch(`/v1/tiles/${library}`)
  if (!answer.ok) return
  const { data } = (await answer.json()) as { data: Tile[] }
  const there = new Set(data.map(({ id }) => id))
  remove(arrivals.map(({ id }) => id).filter((id) => !there.has(id)))
  await add(data, flies)
}

/** One after the other. What fails now is caught up with at the next news, or when the network is back. */
const soon = (task: () => Promise<void> | void) => {
  work = work.then(task).catch(() => {})
}

// ---- from the start, as a time-lapse

const lapse = wall.querySelector<HTMLButtonElement>('[data-lapse]')!
lapse.addEventListener('click', () => {
  lapse.disabled = true
  soon(async () => {
    const pause = Math.min(500, lapseMs / arrivals.length)
    pen.clearRect(0, 0, canvas.width, canvas.height)
    for (const { id } of [...arrivals]) {
      const [picture] = await Promise.all([load(id), new Promise((resolve) => setTimeout(resolve, pause))])
      const cell = places.placeOf(id)
      if (picture && cell !== undefined) draw(picture, cell)
      picture?.close()
    }
    lapse.disabled = false
  })
})

const full = wall.querySelector<HTMLButtonElement>('[data-full]')!
full.hidden = !document.fullscreenEnabled
full.addEventListener('click', () => {
  if (document.fullscreenElement) void document.exitFullscreen()
  else void document.documentElement.requestFullscreen()
})

// ---- my photo

const wanted = new URLSearchParams(location.search).get('find')

function mark(): void {
  const cell = wanted === null ? undefined : places.placeOf(wanted)
  if (cell === undefined) return
  stage.querySelector('.found')?.remove()
  const ring = document.createElement('span')
  ring.className = 'found'
  ring.setAttribute('role', 'img')
  ring.setAttribute('aria-label', 'Your photo')
  ring.style.left = `${(((cell % columns) + 0.5) / columns) * 100}%`
  ring.style.top = `${((Math.floor(cell / columns) + 0.5) / rows) * 100}%`
  ring.style.width = `${100 / columns}%`
  stage.append(ring)
  ring.scrollIntoView({ block: 'center', inline: 'center' })
}

// ---- news

tell()
const source = new EventSource(`/v1/tiles/${library}/events`)
let wasOpen = false
source.addEventListener('open', () => {
  // The first time, those that hang already; later, what came while the network was away.
  const flies = wasOpen
  wasOpen = true
  soon(() => catchUp(flies))
})
source.addEventListener('change', (event: MessageEvent<string>) => {
  const { added, removed } = JSON.parse(event.data) as { added: Tile[]; removed: string[] }
  soon(() => {
    remove(removed)
    return add(added, true)
  })
})
addEventListener('pagehide', () => source.close(), { once: true })
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload()
})

/**
 * A wall that grows: photos fly to their places as they arrive. Where each hangs follows from its colour and its turn, which
 * the list of them tells; their pictures come afterwards. What a broken network kept back is caught up with.
 */
import { count } from '../words.ts'
import { sheetCell, WallPictures } from './wall-pictures.ts'
import { coloursOf, type Lab, WallPlaces, wallGrid } from './wall-places.ts'
import { offerPrint } from './wall-print.ts'
import { middleOf, type Square, WallStage } from './wall-stage.ts'

interface Tile {
  id: string
  /** Its mean in OKLab. */
  colour: Lab
}

const wall = document.querySelector<HTMLElement>('.wall')!
const target = wall.querySelector<HTMLImageElement>('.wall-target')!
const counter = wall.querySelector<HTMLElement>('[data-count]')!
const lapse = wall.querySelector<HTMLButtonElement>('[data-lapse]')!
const library = wall.dataset.library!

/** More at once come by the sheet, and without a flight: a wall that comes up, or comes back after a while. */
const flyAtMost = 24
/**
 * Whole photos on their way to us at once. Each takes the server a decoding, while it makes tiles of those that follow: in a rush
 * they fly as the squares that it has of them already.
 */
const wholeAtMost = 3
/** A time-lapse of the whole evening, ms. */
const lapseMs = 20_000

await target.decode()
const grid = wallGrid(Number(wall.dataset.cells), target.naturalWidth / target.naturalHeight)
const stage = new WallStage(wall.querySelector<HTMLElement>('.wall-stage')!, target, grid)
const places = new WallPlaces(coloursOf(target, grid.columns, grid.rows))
const pictures = new WallPictures(library)
const print = offerPrint(wall, { ...grid, target, places })
const wanted = new URLSearchParams(location.search).get('find')

function tell(): void {
  const all = grid.columns * grid.rows
  const { size } = places
  counter.textContent = `${count(size)} of ${count(all)} photos${size === all ? ': complete' : ''}`
  stage.canvas.setAttribute('aria-label', `A mosaic of ${count(size)} photos`)
  lapse.hidden = size < 2
  print.hidden = size === 0
}

// ---- photos come

/** @returns those that hang now and did not before */
function hang(tiles: readonly Tile[]): string[] {
  return tiles.flatMap(({ id, colour }) => (places.place(id, colour) === undefined ? [] : [id]))
}

async function put(id: string, square: Square, flies: boolean): Promise<void> {
  const cell = places.placeOf(id)
  if (cell === undefined) return
  if (flies) await stage.fly(square, cell)
  // It may have been taken down while it flew.
  if (places.placeOf(id) === cell) stage.draw(square, cell)
  if (id === wanted) stage.mark(cell)
}

async function show(id: string, flies: boolean): Promise<void> {
  const picture = await pictures.photo(id)
  // Its place is another's, until the network is back and tells of it again.
  if (!picture) return takeDown([id])
  await put(id, middleOf(picture), flies)
  picture.close()
}

async function showMany(ids: readonly string[], fly: boolean): Promise<void> {
  await pictures.sheets(ids, (id, square) => put(id, square, fly))
  // Few large cells: what a sheet holds of a photo is too coarse for them.
  if (stage.cellPixels > sheetCell) await Promise.all(ids.map((id) => show(id, false)))
}

function add(tiles: readonly Tile[], flies: boolean): void {
  const fresh = hang(tiles)
  tell()
  if (fresh.length === 0) return
  const fly = flies && fresh.length <= flyAtMost
  if (fly && pictures.underWay + fresh.length <= wholeAtMost) for (const id of fresh) void show(id, true)
  // What fails now is asked for again when the network is back.
  else void showMany(fresh, fly).catch(() => takeDown(fresh))
}

function takeDown(ids: readonly string[]): void {
  for (const id of ids) {
    const cell = places.remove(id)
    if (cell !== undefined) stage.clear(cell)
  }
  tell()
}

async function catchUp(flies: boolean): Promise<void> {
  const answer = await fetch(`/v1/tiles/${library}`)
  if (!answer.ok) return
  const { data } = (await answer.json()) as { data: Tile[] }
  const there = new Set(data.map(({ id }) => id))
  takeDown(places.tiles.filter((id) => !there.has(id)))
  add(data, flies)
}

// ---- from the start, as a time-lapse

lapse.addEventListener('click', async () => {
  lapse.disabled = true
  const cells = places.tiles.map((id) => places.placeOf(id)!)
  await stage.replay(cells, Math.min(500, lapseMs / cells.length))
  lapse.disabled = false
})

const full = wall.querySelector<HTMLButtonElement>('[data-full]')!
full.hidden = !document.fullscreenEnabled
full.addEventListener('click', () => {
  if (document.fullscreenElement) void document.exitFullscreen()
  else void document.documentElement.requestFullscreen()
})

// ---- news

tell()
const source = new EventSource(`/v1/tiles/${library}/events`)
/** One after the other: places follow from the order. */
let work: Promise<void> = Promise.resolve()
const soon = (task: () => Promise<void> | void) => {
  work = work.then(task).catch(() => {})
}
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
    takeDown(removed)
    add(added, true)
  })
})
addEventListener('pagehide', () => source.close(), { once: true })
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload()
})

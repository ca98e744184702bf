/**
 * A growing wall: photos fly to their places as they arrive. Places follow from colour and order of arrival, which the list of
 * tiles contains; pictures are loaded afterwards. After a disconnection it catches up.
 */
import { count } from '../words.ts'
import { sheetCell, WallPictures } from './wall-pictures.ts'
import { coloursOf, type Lab, WallPlaces, wallGrid } from './wall-places.ts'
import { offerPrint } from './wall-print.ts'
import { middleOf, type Square, WallStage } from './wall-stage.ts'

interface Tile {
  id: string
  /** Mean colour in OKLab. */
  colour: Lab
}

const wall = document.querySelector<HTMLElement>('.wall')!
const target = wall.querySelector<HTMLImageElement>('.wall-target')!
const counter = wall.querySelector<HTMLElement>('[data-count]')!
const lapse = wall.querySelector<HTMLButtonElement>('[data-lapse]')!
const library = wall.dataset.library!

/** If more arrive at once, they are loaded as sheets and do not fly: a wall that has just opened or reconnected. */
const flyAtMost = 24
/**
 * Concurrent requests for whole photos. Each costs the server a decoding while it makes tiles of the next ones, so in a rush,
 * photos fly as the squares that the server already has.
 */
const wholeAtMost = 3
/** Length of the time-lapse, ms. */
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

// ---- arriving photos

/** @returns newly placed tiles */
function hang(tiles: readonly Tile[]): string[] {
  return tiles.flatMap(({ id, colour }) => (places.place(id, colour) === undefined ? [] : [id]))
}

async function put(id: string, square: Square, flies: boolean): Promise<void> {
  const cell = places.placeOf(id)
  if (cell === undefined) return
  if (flies) await stage.fly(square, cell)
  // It may have been removed while it flew.
  if (places.placeOf(id) === cell) stage.draw(square, cell)
  if (id === wanted) stage.mark(cell)
}

async function show(id: string, flies: boolean): Promise<void> {
  const picture = await pictures.photo(id)
  // Frees its place, until the network is back and lists it again.
  if (!picture) return takeDown([id])
  await put(id, middleOf(picture), flies)
  picture.close()
}

async function showMany(ids: readonly string[], fly: boolean): Promise<void> {
  await pictures.sheets(ids, (id, square) => put(id, square, fly))
  // Sheets are too coarse for large cells.
  if (stage.cellPixels > sheetCell) await Promise.all(ids.map((id) => show(id, false)))
}

function add(tiles: readonly Tile[], flies: boolean): void {
  const fresh = hang(tiles)
  tell()
  if (fresh.length === 0) return
  const fly = flies && fresh.length <= flyAtMost
  if (fly && pictures.loading + fresh.length <= wholeAtMost) for (const id of fresh) void show(id, true)
  // After a failure, it is requested again when the network is back.
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

// ---- time-lapse

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
/** Sequential, because places depend on the order. */
let work: Promise<void> = Promise.resolve()
const soon = (task: () => Promise<void> | void) => {
  work = work.then(task).catch(() => {})
}
let wasOpen = false
source.addEventListener('open', () => {
  // At first, existing photos appear; later ones, missed while offline, fly.
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

/**
 * The gallery with JavaScript: endless, live, with current times. Further pages and new mosaics are fetched as the server's HTML,
 * so that mosaics are rendered in only one place.
 */
import { ago } from '../words.ts'

// A link of the older site, which used the hash.
const older = /^#\/mosaic\/([\w-]+)$/.exec(location.hash)
if (older) location.replace(`/mosaic/${older[1]}`)

const gallery = document.querySelector<HTMLElement>('#gallery')!
const news = document.createElement('p')
news.className = 'visually-hidden'
news.setAttribute('role', 'status')
gallery.append(news)

const rows = () => gallery.querySelector<HTMLElement>('.rows')
const cards = (of: ParentNode) => [...of.querySelectorAll<HTMLElement>('.rows > li')]
const shownIds = () => new Set(cards(gallery).map((card) => card.dataset.id))

async function fetchPage(address: string): Promise<Document> {
  const answer = await fetch(address, { headers: { Accept: 'text/html' } })
  if (!answer.ok)
    throw new Error(`expected a page of the gallery, the server responded with ${answer.status}`)
  return new DOMParser().parseFromString(await answer.text(), 'text/html')
}

// ---- endless

/** Pages loaded automatically; then visitors must click, so that they can reach the end of the page. */
const pagesByThemselves = 4
let allowance = pagesByThemselves
let loading = false

const nearEnd = new IntersectionObserver(
  (entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting) && allowance > 0) void showMore()
  },
  { rootMargin: '1200px' },
)

const nextLink = (of: ParentNode) => of.querySelector<HTMLAnchorElement>('.pager [rel=next]')

function watchEnd(): void {
  nearEnd.disconnect()
  const link = nextLink(gallery)
  // Content after the gallery would flash and be pushed down again and again.
  document.documentElement.classList.toggle('endless', link !== null && allowance > 0)
  holdLastRow()
  if (link) nearEnd.observe(link)
}

/** Hides an incomplete last row, which would move when it is filled, until nothing more loads automatically. */
function holdLastRow(): void {
  const all = cards(gallery)
  const top = all.at(-1)?.offsetTop
  for (const card of all) card.classList.toggle('unfilled', card.offsetTop === top)
}

/** @returns the first added card */
async function showMore(): Promise<HTMLElement | undefined> {
  const link = nextLink(gallery)
  if (!link || loading) return undefined
  loading = true
  link.setAttribute('aria-busy', 'true')
  allowance -= 1
  try {
    const page = await fetchPage(link.href)
    const known = shownIds()
    // Newer mosaics may have pushed known ones onto this page.
    const more = cards(page).filter((card) => !known.has(card.dataset.id))
    rows()!.append(...more)
    gallery.querySelector('.pager')!.replaceChildren(...(nextLink(page) ? [nextLink(page)!] : []))
    return more[0]
  } catch {
    // No automatic retry: the link is still there and leads to the same page.
    allowance = 0
    news.textContent = 'Older mosaics could not be loaded.'
    return undefined
  } finally {
    loading = false
    nextLink(gallery)?.removeAttribute('aria-busy')
    watchEnd()
  }
}

gallery.addEventListener('click', async (event) => {
  const link = (event.target as Element).closest('.pager [rel=next]')
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  const { href } = link as HTMLAnchorElement
  allowance = pagesByThemselves
  const first = await showMore()
  if (first) first.querySelector('a')?.focus({ preventScroll: true })
  else if (!loading) location.assign(href)
})

watchEnd()
addEventListener('resize', holdLastRow)

// ---- live

const bar = document.createElement('button')
bar.type = 'button'
bar.className = 'button news'
bar.hidden = true
let waiting: HTMLElement[] = []

/** Nothing must move under a pointer, a focus or a reader. */
const isInUse = () =>
  waiting.length > 0 || rows()!.matches(':hover, :focus-within') || gallery.getBoundingClientRect().top < 0

const dateOf = (card: HTMLElement) => card.querySelector('time')?.dateTime ?? ''

/** Inserts each by date: a mosaic that took long to make is not the newest when it is done. */
function hang(arrived: readonly HTMLElement[]): void {
  for (const card of arrived) {
    card.classList.add('arrived')
    const older = cards(gallery).find((other) => dateOf(other) < dateOf(card))
    if (older) older.before(card)
    else rows()!.append(card)
  }
}

const tell = (arrived: readonly HTMLElement[]) => {
  news.textContent = arrived
    .map((card) => `New: ${card.querySelector('.picture img:last-child')?.getAttribute('alt')}`)
    .join('. ')
}

bar.addEventListener('click', () => {
  hang(waiting)
  const [first] = waiting
  waiting = []
  bar.hidden = true
  first?.querySelector('a')?.focus({ preventScroll: true })
  gallery.scrollIntoView()
})

/** Updates the top of the gallery from the server. */
async function catchUp(removed: readonly string[] = []): Promise<void> {
  for (const card of [...cards(gallery), ...waiting]) if (removed.includes(card.dataset.id!)) card.remove()
  waiting = waiting.filter((card) => !removed.includes(card.dataset.id!))
  const page = await fetchPage('/')
  const total = page.querySelector('[data-total]')
  if (!rows() || !page.querySelector('.rows')) {
    // From empty to non-empty, or the other way round.
    const fresh = page.querySelector('#gallery')
    if (fresh && !!rows() !== !!fresh.querySelector('.rows'))
      gallery.replaceChildren(...fresh.childNodes, news, bar)
    if (rows()) tell(cards(gallery))
    return watchEnd()
  }
  if (total) gallery.querySelector('[data-total]')?.replaceWith(total)
  const known = shownIds()
  for (const card of waiting) known.add(card.dataset.id!)
  const arrived = cards(page).filter((card) => !known.has(card.dataset.id))
  if (arrived.length === 0) return
  tell(arrived)
  if (!isInUse()) return hang(arrived)
  waiting = [...arrived, ...waiting]
  bar.textContent = waiting.length === 1 ? '1 new mosaic' : `${waiting.length} new mosaics`
  bar.hidden = false
}

let work: Promise<void> = Promise.resolve()
/** Sequential. After a failure, the next change catches up. */
const soon = (removed?: readonly string[]) => {
  work = work.then(() => catchUp(removed)).catch(() => {})
}

function listen(): void {
  const source = new EventSource('/v1/gallery/events')
  let wasOpen = false
  source.addEventListener('open', () => {
    // Changes during a disconnection are not repeated.
    if (wasOpen) soon()
    wasOpen = true
  })
  source.addEventListener('change', (event: MessageEvent<string>) => {
    soon((JSON.parse(event.data) as { removed: string[] }).removed)
  })
  addEventListener('pagehide', () => source.close(), { once: true })
}

if (gallery.dataset.live && !older) {
  gallery.append(bar)
  listen()
  // Restored from the browser's back-forward cache.
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return
    soon()
    listen()
  })
}

// ---- times

setInterval(() => {
  for (const time of document.querySelectorAll('time')) time.textContent = ago(time.dateTime)
}, 30_000)

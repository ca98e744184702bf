/** Shows results as they become ready: replaces the content with the server's current page until everything is done. */

const main = document.querySelector('main')!
const results = () => main.querySelector<HTMLElement>('#results')
const pause = 700

async function look(): Promise<void> {
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } })
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('#results')
    if (answer.ok && fresh && fresh.innerHTML !== results()?.innerHTML) results()?.replaceWith(fresh)
  } catch {
    // Offline: try again next time.
  }
  if (results()?.dataset.pending) setTimeout(look, pause)
}

if (results()?.dataset.pending) setTimeout(look, pause)

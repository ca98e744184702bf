/** Brings in results as they come: the page as the server has it now, until there is nothing more to wait for. */

const main = document.querySelector('main')!
const results = () => main.querySelector<HTMLElement>('#results')
const pause = 700

async function look(): Promise<void> {
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } })
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('#results')
    if (answer.ok && fresh && fresh.innerHTML !== results()?.innerHTML) results()?.replaceWith(fresh)
  } catch {
    // The network is away: the next look tells.
  }
  if (results()?.dataset.pending) setTimeout(look, pause)
}

if (results()?.dataset.pending) setTimeout(look, pause)

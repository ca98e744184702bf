/** Shows jobs started on this device on the front page, so that a closed tab loses nothing. */
import { jobNoun } from '../words.ts'
import { recentJobs } from './remembered.ts'

const section = document.querySelector<HTMLElement>('#recent')
const list = section?.querySelector('ul')
const shown = 6
const jobs = recentJobs().slice(0, shown)

if (section && list && jobs.length > 0) {
  for (const { id, type, status, at } of jobs) {
    const link = document.createElement('a')
    link.href = `/jobs/${encodeURIComponent(id)}`
    link.className = status
    const name = document.createElement('strong')
    name.textContent = jobNoun(type)
    const when = document.createElement('time')
    when.dateTime = at
    when.textContent = new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
    const state = document.createElement('span')
    state.textContent = status
    link.append(name, state, when)
    const item = document.createElement('li')
    item.append(link)
    list.append(item)
  }
  section.hidden = false
}

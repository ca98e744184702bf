/** The latest jobs started on this device, in localStorage. Optional: nothing breaks without it. */
export interface RememberedJob {
  id: string
  type: string
  status: string
  /** RFC 3339. */
  at: string
}

const name = 'mosaicme.jobs'
/** Number of jobs. Mosaics among them can be edited and deleted from this device. */
const kept = 60

export function recentJobs(): RememberedJob[] {
  try {
    const jobs: unknown = JSON.parse(localStorage.getItem(name) ?? '[]')
    return Array.isArray(jobs) ? jobs.filter((job) => typeof job?.id === 'string') : []
  } catch {
    return [] // Storage is disabled, or contains something else.
  }
}

/** Puts a job first, or updates it. */
export function remember(job: Omit<RememberedJob, 'at'>): void {
  const jobs = recentJobs()
  const known = jobs.find(({ id }) => id === job.id)
  const entry = { ...job, at: known?.at ?? new Date().toISOString() }
  const next = known ? jobs.map((other) => (other === known ? entry : other)) : [entry, ...jobs]
  try {
    localStorage.setItem(name, JSON.stringify(next.slice(0, kept)))
  } catch {
    // Storage is full or disabled.
  }
}

export function forget(id: string): void {
  try {
    localStorage.setItem(name, JSON.stringify(recentJobs().filter((job) => job.id !== id)))
  } catch {
    // Nothing was remembered.
  }
}

export const isRemembered = (id: string) => recentJobs().some((job) => job.id === id)

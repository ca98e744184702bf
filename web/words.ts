/** Formats numbers, times and steps for people. Pure functions, shared by pages and islands. */

const steps: Record<string, string> = {
  download: 'Fetch the photo',
  'tile-match': 'Match tiles to every cell',
  'edit-plan': 'Apply the changes to the plan',
  compose: 'Compose the mosaic',
  thumbnail: 'Make a small version',
  resize: 'Resize the picture',
  'bulk-plan': 'Find the pictures',
  'bulk-resize': 'Resize the pictures',
  'bulk-gather': 'Write the list of results',
  'ask-moderator': 'Wait for a moderator',
  upload: 'Store the pictures',
  cache: 'Add it to the gallery',
  tweet: 'Reply to the post',
  'remove-author': 'Remove the tiles',
  'find-mosaics': 'Find the mosaics that use them',
  'remake-mosaics': 'Update these mosaics',
}

/** A step's name for people; unknown steps keep their own. */
export const stepName = (stage: string) => steps[stage] ?? stage

/** The steps of a job in order, including `current`, known to this page or not. */
export function stepsOf(type: string, current: string): string[] {
  const known =
    type === 'mosaic'
      ? ['download', 'tile-match', 'compose', 'thumbnail', 'upload', 'cache']
      : type === 'resize'
        ? ['resize']
        : type === 'bulk'
          ? ['bulk-plan', 'bulk-resize', 'bulk-gather']
          : []
  if (known.includes(current)) return known
  // An edit starts from an existing photo and plan.
  if (current === 'edit-plan') return [current, ...known.slice(known.indexOf('compose'))]
  if (current === 'ask-moderator') return known.toSpliced(known.indexOf('upload'), 0, current)
  // A resize downloads first if its picture is a link.
  return current === 'download' ? [current, ...known] : [...known, current]
}

export const count = (n: number) => n.toLocaleString('en')

/** Bytes, in the decimal units that file managers show. */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  const [value, unit] =
    bytes < 1e6 ? [bytes / 1e3, 'kB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB']
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`
}

export const pixels = (width: number, height: number) => `${count(width)} × ${count(height)} px`

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** `3 hours ago`, from RFC 3339; empty for an invalid date. */
export function ago(date: string, now: number = Date.now()): string {
  const seconds = (Date.parse(date) - now) / 1000
  if (Number.isNaN(seconds)) return ''
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit)
  }
  return 'just now'
}

/** `40 ms`, `1.4 s`, `2 min 5 s`: the time between two RFC 3339 timestamps. */
export function took(from: string, to: string): string {
  const seconds = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000)
  if (Number.isNaN(seconds)) return ''
  if (seconds < 0.1) return `${Math.round(seconds * 1000)} ms`
  return seconds < 60
    ? `${seconds.toFixed(1)} s`
    : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

export const jobNoun = (type: string) =>
  ({ mosaic: 'mosaic', resize: 'resized picture', bulk: 'bulk job' })[type] ?? 'tile import'

/** Preview of a running mosaic, which fills in from the top as rows are composed. */
import type { FC } from 'hono/jsx'
import { type Job, ownPath } from '../job.ts'

/** Stages with a plan, from which the preview is drawn. */
const visible = ['compose', 'thumbnail', 'upload', 'cache', 'tweet']

interface Props {
  job: Job
  base: string
}

export const MosaicSoFar: FC<Props> = ({ job: { type, status, progress, urls }, base }) => {
  if (type !== 'mosaic' || status !== 'processing' || !visible.includes(progress.stage)) return null
  const far = progress.stage === 'compose' ? progress.done : 'all'
  return (
    <figure class="so-far">
      <img src={`${base}${ownPath(urls.self)}/preview?far=${far}`} alt="The mosaic so far" />
    </figure>
  )
}

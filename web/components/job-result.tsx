/** The result of a job: the mosaic, the resized picture, or the number of new tiles. */
import type { FC, PropsWithChildren } from 'hono/jsx'
import {
  type BulkResult,
  type Job,
  type MosaicResult,
  ownPath,
  type ResizeResult,
  type TilesResult,
} from '../job.ts'
import { count, fileSize, pixels } from '../words.ts'

interface Of<Result> {
  id: string
  base: string
  result: Result
}

const Facts: FC<PropsWithChildren> = ({ children }) => <p class="muted">{children}</p>

/** Path for people who may see the job. Not needed for pictures of mosaics, which are public. */
const privatePath = (base: string, url: string) => {
  const path = ownPath(url)
  return path.startsWith('/v1/') ? base + path : path
}

const MosaicPicture: FC<Of<MosaicResult>> = ({ id, base, result: { small, large } }) => (
  <figure class="result">
    <a href={`${base}/mosaic/${id}`}>
      <img src={ownPath(small.url)} width={small.width} height={small.height} alt="Your mosaic" />
    </a>
    <figcaption>
      <Facts>
        {pixels(large.width, large.height)}, {fileSize(large.bytes)}
      </Facts>
      <p class="actions">
        <a class="button primary" href={`${base}/mosaic/${id}`}>
          See every tile
        </a>
        <a class="button quiet" href={ownPath(large.url)} download={`${id}.jpg`}>
          Download
        </a>
      </p>
    </figcaption>
  </figure>
)

const ResizedPicture: FC<Of<ResizeResult>> = ({ id, base, result }) => (
  <figure class="result">
    <img src={privatePath(base, result.url)} width={result.width} height={result.height} alt="The result" />
    <figcaption>
      <Facts>
        {pixels(result.width, result.height)}, {result.format.toUpperCase()}, {fileSize(result.bytes)}
      </Facts>
      <p class="actions">
        <a
          class="button primary"
          href={privatePath(base, result.url)}
          download={`${id}.${result.format === 'jpeg' ? 'jpg' : result.format}`}
        >
          Download
        </a>
      </p>
    </figcaption>
  </figure>
)

const NewTiles: FC<{ result: TilesResult }> = ({ result: { library, added, duplicates, skipped, size } }) => (
  <div class="result">
    <p>
      {count(added)} new, {count(duplicates)} already known: “{library}” now holds {count(size)} pictures.
    </p>
    {skipped.length > 0 && (
      <ul>
        {skipped.map(({ name, message }) => (
          <li key={name}>
            <bdi>{name}</bdi>: {message}
          </li>
        ))}
      </ul>
    )}
  </div>
)

const BulkResults: FC<Of<BulkResult>> = ({ base, result: { items, succeeded, failures, manifest } }) => (
  <div class="result">
    <p>
      {count(succeeded)} of {count(items)} pictures resized:{' '}
      <a href={privatePath(base, manifest.url)}>the list</a>.
    </p>
    {failures.length > 0 && (
      <ul>
        {failures.map(({ name, message }) => (
          <li>
            {name}: {message}
          </li>
        ))}
      </ul>
    )}
  </div>
)

export const JobResult: FC<{ job: Job; base: string }> = ({ job, base }) => {
  if (!job.result) return null
  const { id } = job
  if (job.type === 'mosaic') return <MosaicPicture {...{ id, base, result: job.result }} />
  if (job.type === 'resize') return <ResizedPicture {...{ id, base, result: job.result }} />
  if (job.type === 'bulk') return <BulkResults {...{ id, base, result: job.result }} />
  return <NewTiles result={job.result} />
}

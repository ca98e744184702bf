/** A mosaic's page: deep zoom, comparison with the photo, search, downloads. */
import type { FC } from 'hono/jsx'
import type { GalleryEntry } from '../../adapters/gallery-cache/gallery-cache.ts'
import { type MosaicResult, ownPath } from '../job.ts'
import { ago, count, fileSize, pixels } from '../words.ts'
import { EditTile } from './edit-tile.tsx'
import { authorOf } from './mosaic-card.tsx'

export interface MosaicViewProps {
  entry: GalleryEntry
  /** Absent for mosaics of the older system, and for jobs that have expired. */
  result: MosaicResult | undefined
  /** Parameters of the job. */
  params: Record<string, unknown> | undefined
  /** The mosaic that this one is an edited version of. */
  parent?: string | undefined
  /** Prefix of API URLs for scripts: `/admin` for operators. */
  base?: string
}

/** Mosaics made for posts are deleted with their posts; edited copies would stay behind. */
const isEditable = ({ entry, result, params }: MosaicViewProps) =>
  result !== undefined && entry.post_url === undefined && typeof params?.library === 'string'

/** Describes the difference from the photo: 0 is identical; metapixel reaches 3.2 to 6.0 on real photos. */
const closeness = (k4: number) =>
  k4 < 3.5
    ? 'very close to the photo'
    : k4 < 6.5
      ? 'close to the photo'
      : 'a loose interpretation of the photo'

const altOf = (entry: GalleryEntry) => {
  const author = authorOf(entry)
  return author ? `Mosaic by ${author}` : 'Mosaic'
}

export const MosaicView: FC<MosaicViewProps> = (props) => {
  const { entry, result, parent, base } = props
  const author = authorOf(entry)
  return (
    <article class="mosaic" data-id={entry.id} data-base={base}>
      <header>
        <p class="eyebrow">Mosaic</p>
        <h1>{author ? <bdi>{author}</bdi> : 'Unnamed'}</h1>
        <p class="muted">
          Made <time datetime={entry.date}>{ago(entry.date)}</time>
          {result?.fidelity && <>, {closeness(result.fidelity.k4)}</>}
          {entry.post_url && /^https?:/.test(entry.post_url) && (
            <>
              {' · '}
              <a href={entry.post_url} rel="external nofollow ugc">
                the post
              </a>
            </>
          )}
          {parent && (
            <>
              {' · '}
              <a href={`${base ?? ''}/mosaic/${encodeURIComponent(parent)}`}>the version before</a>
            </>
          )}
        </p>
      </header>
      <Viewer {...props} />
      {isEditable(props) && (
        <p class="muted" data-changeable hidden>
          Is there a tile that does not belong? Zoom in, select it and press “Not this tile”.
        </p>
      )}
      {result && <Find />}
      <Actions {...props} />
      {result?.target && <Compare entry={entry} result={result} target={result.target} />}
      <Facts {...props} />
      {isEditable(props) && <EditTile />}
    </article>
  )
}

const Viewer: FC<MosaicViewProps> = ({ entry, result, params }) => (
  <figure
    class="viewer"
    data-dzi={result ? ownPath(result.dzi) : undefined}
    data-plan={result ? ownPath(result.plan) : undefined}
    data-library={typeof params?.library === 'string' ? params.library : undefined}
  >
    <a class="still" href={ownPath(result?.large.url ?? entry.url_large)}>
      <img
        src={ownPath(result?.small.url ?? entry.url_small)}
        width={result?.small.width ?? entry.width ?? 16}
        height={result?.small.height ?? entry.height ?? 9}
        alt={altOf(entry)}
        fetchpriority="high"
      />
    </a>
  </figure>
)

/** Shown by the island, because it needs the deep zoom. */
const Find: FC = () => (
  <search class="find" hidden>
    <form data-find>
      <label for="find">Find a tile</label>
      <input
        type="search"
        id="find"
        name="find"
        placeholder="@handle, name or file"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        aria-describedby="found"
        required
      />
      <button class="button quiet" type="submit">
        Find
      </button>
      <button class="button quiet" type="button" data-step="-1" aria-label="Previous place" hidden>
        ‹
      </button>
      <button class="button quiet" type="button" data-step="1" aria-label="Next place" hidden>
        ›
      </button>
    </form>
    <p class="muted" id="found" role="status" />
  </search>
)

const Actions: FC<MosaicViewProps> = ({ entry, result }) => {
  const large = ownPath(result?.large.url ?? entry.url_large)
  const small = ownPath(result?.small.url ?? entry.url_small)
  return (
    <div class="actions">
      <a class="button primary" href={large} download={`${entry.id}.jpg`}>
        Download large{result && <small>{fileSize(result.large.bytes)}</small>}
      </a>
      <a class="button quiet" href={small} download={`${entry.id}-small.jpg`}>
        Download small{result && <small>{fileSize(result.small.bytes)}</small>}
      </a>
      <button class="button quiet" type="button" data-share hidden>
        Share
      </button>
      <a class="text-link" href={`/jobs/${encodeURIComponent(entry.id)}`}>
        How it was made
      </a>
      <button class="button quiet danger" type="button" data-delete hidden>
        Delete
      </button>
      <p class="said" role="status" data-said />
    </div>
  )
}

/** Side by side; `islands/compare.ts` overlays the two with a slider. */
const Compare: FC<{
  entry: GalleryEntry
  result: MosaicResult
  target: NonNullable<MosaicResult['target']>
}> = ({ entry, result, target }) => (
  <section aria-labelledby="compare-heading">
    <h2 id="compare-heading">Photo and mosaic</h2>
    <div class="compare" data-compare>
      <img
        src={ownPath(target.url)}
        width={target.width}
        height={target.height}
        alt="What the mosaic was made from"
        loading="lazy"
      />
      <img
        class="over"
        src={ownPath(result.small.url)}
        width={target.width}
        height={target.height}
        alt={altOf(entry)}
        loading="lazy"
      />
    </div>
  </section>
)

const Facts: FC<MosaicViewProps> = ({ entry, result, params }) => {
  const width = result?.large.width ?? entry.width
  const height = result?.large.height ?? entry.height
  const { cells, fidelity } = result ?? {}
  const facts: [string, string | undefined][] = [
    ['Size', width !== undefined && height !== undefined ? pixels(width, height) : undefined],
    [
      'Tiles',
      cells &&
        (cells.count === undefined
          ? `${count(cells.columns * cells.rows)} in ${count(cells.rows)} rows of ${count(cells.columns)}`
          : `${count(cells.count)}`),
    ],
    ['Library', typeof params?.library === 'string' ? params.library : undefined],
    [
      'Difference from the photo',
      fidelity && `${fidelity.k4.toFixed(2)} (OKLab × 100, 4 × 4 samples a tile; 0 is the photo itself)`,
    ],
  ]
  return (
    <dl class="facts">
      {facts
        .filter(([, fact]) => fact !== undefined)
        .map(([name, fact]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{fact}</dd>
          </div>
        ))}
    </dl>
  )
}

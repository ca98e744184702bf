/** The page that a phone is led to: a photo in three taps, and the way to find it again. */
import type { FC } from 'hono/jsx'
import { AuthorField } from './author-field.tsx'
import { describe, type FormErrors } from './form-field.tsx'

export interface WallUploadProps {
  library: string
  maxBytes: number
  values: Record<string, string>
  errors: FormErrors
}

export const WallUpload: FC<WallUploadProps> = ({ library, maxBytes, values, errors }) => (
  <section class="making">
    <header>
      <p class="eyebrow">{library}</p>
      <h1>Your photo on the wall</h1>
    </header>
    <form
      class="make card"
      id="hand-in"
      action={`/u/${library}`}
      method="post"
      enctype="multipart/form-data"
      data-max-bytes={maxBytes}
    >
      <AuthorField shownWith="photo" values={values} errors={errors} />
      <div class="hand-in">
        <label class="button primary" for="image">
          Choose or take a photo
        </label>
        <input
          type="file"
          id="image"
          name="image"
          accept="image/jpeg,image/png,image/webp,image/gif,image/avif"
          {...describe('image', errors)}
        />
        <p class="error" id="image-error" data-error="image" role="alert">
          {errors.image}
        </p>
      </div>
      <p class="error" role="alert" data-error="form">
        {errors.form}
      </p>
      <button class="button primary" type="submit">
        Send it
      </button>
      <div class="sending" data-sending hidden>
        <progress max="100" aria-label="Upload" />
        <p class="hint" role="status" />
      </div>
    </form>
  </section>
)

export const HandedIn: FC<{ library: string; tile: string; isHeld: boolean }> = ({
  library,
  tile,
  isHeld,
}) => (
  <section class="message">
    <h1>It is on its way</h1>
    <p>
      {isHeld
        ? 'Once somebody has looked at it, your photo flies to its place on the wall.'
        : 'In a moment your photo flies to its place on the wall.'}
    </p>
    <p class="actions">
      <a class="button primary" href={`/wall/${library}?find=${tile}`}>
        Find my photo
      </a>
      <a class="button quiet" href={`/u/${library}`}>
        Another one
      </a>
    </p>
  </section>
)

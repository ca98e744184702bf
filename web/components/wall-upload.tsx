/** The page that phones open: a photo in three taps, and a link to find it on the wall. */
import type { FC } from 'hono/jsx'
import { AuthorField } from './author-field.tsx'
import { describe, type Filled } from './form-field.tsx'
import { acceptedPictures, FormEnd } from './photo-form.tsx'

export interface WallUploadProps {
  library: string
  maxBytes: number
  form: Filled
}

export const WallUpload: FC<WallUploadProps> = ({ library, maxBytes, form }) => (
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
      <AuthorField shownWith="photo" form={form} />
      <div class="hand-in">
        <label class="button primary" for="image">
          Choose or take a photo
        </label>
        <input
          type="file"
          id="image"
          name="image"
          accept={acceptedPictures}
          {...describe('image', form.errors)}
        />
        <p class="error" id="image-error" data-error="image" role="alert">
          {form.errors.image}
        </p>
      </div>
      <FormEnd form={form} submit="Send it" />
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
        ? 'Once a moderator has approved it, your photo flies to its place on the wall.'
        : 'In a moment, your photo flies to its place on the wall.'}
    </p>
    <p class="actions">
      <a class="button primary" href={`/wall/${library}?find=${tile}`}>
        Find my photo
      </a>
      <a class="button quiet" href={`/u/${library}`}>
        Send another one
      </a>
    </p>
  </section>
)

/** The form that makes a mosaic of a photo. */
import type { FC } from 'hono/jsx'
import { AuthorField } from './author-field.tsx'
import { Field, type FormErrors, NumberInput, Select } from './form-field.tsx'
import { FormEnd, PhotoInput } from './photo-input.tsx'

export interface MosaicFormProps {
  libraries: readonly string[]
  maxBytes: number
  /** Makes a repeated submit of this very form the same job. */
  token: string
  values: Record<string, string>
  errors: FormErrors
}

const sizeFields = ['library', 'cell', 'scale', 'distance']

export const MosaicForm: FC<MosaicFormProps> = ({ libraries, maxBytes, token, values, errors }) => (
  <form
    class="make card"
    id="make"
    action="/new"
    method="post"
    enctype="multipart/form-data"
    data-max-bytes={maxBytes}
  >
    <PhotoInput maxBytes={maxBytes} values={values} errors={errors} />
    <AuthorField shownWith="mosaic" values={values} errors={errors} />
    <details open={sizeFields.some((name) => errors[name])}>
      <summary>Tiles and size</summary>
      <div class="grid">
        <Field name="library" label="Tile library" errors={errors}>
          <Select
            name="library"
            value={values.library ?? libraries[0] ?? ''}
            options={libraries.map((name) => [name, name])}
            errors={errors}
          />
        </Field>
        <Field name="cell" label="Tile size, px" errors={errors}>
          <NumberInput name="cell" value={values.cell ?? '32'} min={8} max={256} errors={errors} />
        </Field>
        <Field name="scale" label="Enlarge, times" errors={errors}>
          <NumberInput
            name="scale"
            value={values.scale ?? ''}
            min={1}
            max={40}
            step="any"
            placeholder="auto"
            errors={errors}
          />
        </Field>
        <Field name="distance" label="Same tile apart, cells" errors={errors}>
          <NumberInput name="distance" value={values.distance ?? '5'} min={0} max={1000} errors={errors} />
        </Field>
      </div>
    </details>
    <MoreOptions values={values} errors={errors} />
    <figure class="grid-preview" data-grid-preview hidden>
      <div class="shown">
        <canvas
          class="squares"
          role="img"
          aria-label="The photo in as many squares as the mosaic will have tiles"
        />
        <img class="engines" alt="As the mosaic will be" hidden />
      </div>
      <figcaption>
        <p class="hint" role="status" />
      </figcaption>
    </figure>
    <FormEnd errors={errors} token={token} action="Make my mosaic" />
  </form>
)

const moreFields = ['tone', 'search', 'most', 'flips', 'pyramid', 'quality']

const tones = [
  ['off', 'Keep their own'],
  ['bounded', 'Towards the photo’s'],
  ['full', 'The photo’s entirely'],
] as const

const searches = [
  ['local', 'Again and again'],
  ['global', 'Once, the best overall'],
] as const

const flips = [
  ['off', 'As they are'],
  ['mirror', 'Mirrored too'],
  ['both', 'Mirrored and upside down'],
  ['all', 'Mirrored and turned'],
] as const

const pyramids = [
  ['stored', 'Made beforehand'],
  ['virtual', 'Made when somebody looks'],
] as const

/** What few people ask for. */
const MoreOptions: FC<Pick<MosaicFormProps, 'values' | 'errors'>> = ({ values, errors }) => (
  <details open={moreFields.some((name) => errors[name])}>
    <summary>More options</summary>
    <div class="grid">
      <Field name="tone" label="Tiles’ colours" errors={errors}>
        <Select name="tone" value={values.tone ?? 'off'} options={tones} errors={errors} />
      </Field>
      <Field name="flips" label="Tiles shown" errors={errors}>
        <Select name="flips" value={values.flips ?? 'off'} options={flips} errors={errors} />
      </Field>
      <Field name="search" label="Each tile is used" errors={errors}>
        <Select name="search" value={values.search ?? 'local'} options={searches} errors={errors} />
      </Field>
      <Field name="most" label="At most, times" errors={errors}>
        <NumberInput
          name="most"
          value={values.most ?? ''}
          min={1}
          max={1_000_000}
          placeholder="auto"
          errors={errors}
        />
      </Field>
      <Field name="pyramid" label="Tiles of the deep zoom" errors={errors}>
        <Select name="pyramid" value={values.pyramid ?? 'stored'} options={pyramids} errors={errors} />
      </Field>
      <Field name="quality" label="JPEG quality" errors={errors}>
        <NumberInput name="quality" value={values.quality ?? '90'} min={1} max={100} errors={errors} />
      </Field>
    </div>
  </details>
)

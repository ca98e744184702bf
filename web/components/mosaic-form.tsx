/** The form that makes a mosaic of a photo. */
import type { FC } from 'hono/jsx'
import { describe, Field, type FormErrors, NumberInput, Select } from './form-field.tsx'
import { FormEnd, PhotoInput } from './photo-input.tsx'

export interface MosaicFormProps {
  libraries: readonly string[]
  maxBytes: number
  /** Makes a repeated submit of this very form the same job. */
  token: string
  values: Record<string, string>
  errors: FormErrors
}

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
    <Field
      name="author"
      label="Your name"
      hint="Shown with the mosaic. Leave it empty to stay unnamed."
      errors={errors}
    >
      <input
        id="author"
        name="author"
        value={values.author ?? ''}
        maxlength={80}
        autocomplete="nickname"
        {...describe('author', errors, true)}
      />
    </Field>
    <details open={['library', 'cell', 'scale', 'distance'].some((name) => errors[name])}>
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
    <figure class="grid-preview" data-grid-preview hidden>
      <canvas role="img" aria-label="The photo in as many squares as the mosaic will have tiles" />
      <figcaption>
        <p class="hint" role="status" />
      </figcaption>
    </figure>
    <FormEnd errors={errors} token={token} action="Make my mosaic" />
  </form>
)

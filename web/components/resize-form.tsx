/** The form that resizes pictures, one or many. */
import type { FC } from 'hono/jsx'
import { Checkbox, Field, type FormErrors, NumberInput, Select } from './form-field.tsx'
import { FormEnd, PhotoInput } from './photo-input.tsx'

export interface ResizeFormProps {
  maxBytes: number
  /** Makes a repeated submit of this very form the same jobs. */
  token: string
  values: Record<string, string>
  errors: FormErrors
}

/** Sizes that people ask for by name. */
const presets = [
  ['Thumbnail', { width: 320, fit: 'inside' }],
  ['Web page', { width: 1600, fit: 'inside' }],
  ['Full HD', { width: 1920, height: 1080, fit: 'cover' }],
  ['Square', { width: 1080, height: 1080, fit: 'cover' }],
  ['Story', { width: 1080, height: 1920, fit: 'cover' }],
  ['Avatar', { width: 256, height: 256, fit: 'cover' }],
] as const

const fits = [
  ['inside', 'Fit inside'],
  ['cover', 'Fill and crop'],
  ['contain', 'Fit with borders'],
  ['fill', 'Stretch'],
  ['outside', 'Cover at least'],
] as const

const formats = [
  ['', 'As it is'],
  ['jpeg', 'JPEG'],
  ['png', 'PNG'],
  ['webp', 'WebP'],
  ['avif', 'AVIF'],
  ['gif', 'GIF'],
  ['tiff', 'TIFF'],
] as const

export const ResizeForm: FC<ResizeFormProps> = ({ maxBytes, token, values, errors }) => (
  <form
    class="make card"
    id="resize"
    action="/resize"
    method="post"
    enctype="multipart/form-data"
    data-max-bytes={maxBytes}
  >
    <PhotoInput maxBytes={maxBytes} values={values} errors={errors} multiple />
    <nav class="presets" aria-label="Sizes by name">
      {presets.map(([name, size]) => (
        <a
          key={name}
          class="chip"
          href={`/resize?${new URLSearchParams(Object.entries(size).map(([key, value]) => [key, String(value)]))}`}
          data-preset={JSON.stringify(size)}
        >
          {name}
        </a>
      ))}
    </nav>
    <div class="grid">
      <Field name="width" label="Width, px" errors={errors}>
        <NumberInput
          name="width"
          value={values.width ?? ''}
          min={1}
          max={8192}
          placeholder="auto"
          errors={errors}
        />
      </Field>
      <Field name="height" label="Height, px" errors={errors}>
        <NumberInput
          name="height"
          value={values.height ?? ''}
          min={1}
          max={8192}
          placeholder="auto"
          errors={errors}
        />
      </Field>
      <Field name="fit" label="Fit" errors={errors}>
        <Select name="fit" value={values.fit ?? 'inside'} options={fits} errors={errors} />
      </Field>
      <Field name="format" label="Format" errors={errors}>
        <Select name="format" value={values.format ?? ''} options={formats} errors={errors} />
      </Field>
      <Field
        name="quality"
        label="Quality"
        hint="Of JPEG and WebP 80 by itself, of AVIF 60. The others lose nothing."
        errors={errors}
      >
        <NumberInput
          name="quality"
          value={values.quality ?? ''}
          min={1}
          max={100}
          placeholder="auto"
          errors={errors}
          hint
        />
      </Field>
      <Checkbox
        name="withoutEnlargement"
        label="Never enlarge"
        checked={values.withoutEnlargement === 'on'}
        errors={errors}
      />
    </div>
    <figure class="frame" data-frame hidden>
      <div>
        <img alt="As it will be" />
      </div>
      <figcaption>
        <p class="hint" role="status" />
      </figcaption>
    </figure>
    <FormEnd errors={errors} token={token} action="Resize" />
  </form>
)

/** The form that resizes pictures, one or many. */
import type { FC } from 'hono/jsx'
import { NumberField, SelectField, TickField } from './form-field.tsx'
import { PhotoForm, type PhotoFormProps } from './photo-form.tsx'

/** Common sizes. */
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
  ['outside', 'Cover, without cropping'],
] as const

const formats = [
  ['', 'Same as the original'],
  ['jpeg', 'JPEG'],
  ['png', 'PNG'],
  ['webp', 'WebP'],
  ['avif', 'AVIF'],
  ['gif', 'GIF'],
  ['tiff', 'TIFF'],
] as const

const longestSide = 8_192

export const ResizeForm: FC<PhotoFormProps> = (props) => {
  const { form } = props
  return (
    <PhotoForm {...props} id="resize" action="/resize" submit="Resize" multiple>
      <nav class="presets" aria-label="Preset sizes">
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
        <NumberField name="width" label="Width, px" min={1} max={longestSide} form={form} />
        <NumberField name="height" label="Height, px" min={1} max={longestSide} form={form} />
        <SelectField name="fit" label="Fit" options={fits} usual="inside" form={form} />
        <SelectField name="format" label="Format" options={formats} usual="" form={form} />
        <NumberField
          name="quality"
          label="Quality"
          hint="For JPEG, WebP and AVIF. Default: 80, for AVIF 60."
          min={1}
          max={100}
          form={form}
        />
        <TickField name="withoutEnlargement" label="Never enlarge" form={form} />
      </div>
      <figure class="frame" data-frame hidden>
        <div>
          <img alt="Preview of the result" />
        </div>
        <figcaption>
          <p class="hint" role="status" />
        </figcaption>
      </figure>
    </PhotoForm>
  )
}

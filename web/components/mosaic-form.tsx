/** The form that makes a mosaic from a photo. */
import type { FC, PropsWithChildren } from 'hono/jsx'
import { AuthorField } from './author-field.tsx'
import { describe, Field, type Filled, NumberField, SelectField } from './form-field.tsx'
import { acceptedPictures, PhotoForm, type PhotoFormProps } from './photo-form.tsx'

const tones = [
  ['off', 'Unchanged'],
  ['bounded', 'Adjusted to the photo, still recognisable'],
  ['full', 'Exactly as in the photo'],
] as const

const layouts = [
  ['grid', 'Squares'],
  ['hexagons', 'Hexagons'],
  ['quadtree', 'Squares, smaller where there is detail'],
] as const

const searches = [
  ['local', 'As often as it fits'],
  ['global', 'Once, with the best match overall'],
] as const

const flips = [
  ['off', 'As they are'],
  ['mirror', 'Also mirrored'],
  ['both', 'Also mirrored and upside down'],
  ['all', 'Also mirrored and rotated'],
] as const

const pyramids = [
  ['stored', 'Made in advance'],
  ['virtual', 'Made on demand'],
] as const

export const MosaicForm: FC<PhotoFormProps & { libraries: readonly string[] }> = ({
  libraries,
  ...props
}) => {
  const { form } = props
  return (
    <PhotoForm {...props} id="make" action="/new" submit="Make my mosaic">
      <AuthorField shownWith="mosaic" form={form} />
      <Options summary="Tiles and size" fields={['library', 'cell', 'scale', 'distance']} form={form}>
        <SelectField
          name="library"
          label="Tile library"
          options={libraries.map((name) => [name, name])}
          usual={libraries[0] ?? ''}
          form={form}
        />
        <NumberField name="cell" label="Tile size, px" min={8} max={256} usual="32" form={form} />
        <NumberField name="scale" label="Scale factor" min={1} max={40} step="any" form={form} />
        <NumberField
          name="distance"
          label="Distance between equal tiles, cells"
          min={0}
          max={1000}
          usual="5"
          form={form}
        />
      </Options>
      <Options
        summary="More options"
        fields={['layout', 'detail', 'mask', 'tone', 'flips', 'search', 'most', 'pyramid', 'quality']}
        form={form}
      >
        <SelectField name="layout" label="Layout" options={layouts} usual="grid" form={form} />
        <NumberField name="detail" label="Detail, %" min={0} max={100} usual="25" form={form} />
        <Field name="mask" label="Mask: tiles only where this picture is light" errors={form.errors}>
          <input
            type="file"
            id="mask"
            name="mask"
            accept={acceptedPictures}
            {...describe('mask', form.errors)}
          />
        </Field>
        <SelectField name="tone" label="Tiles’ colours" options={tones} usual="off" form={form} />
        <SelectField name="flips" label="Orientation of tiles" options={flips} usual="off" form={form} />
        <SelectField name="search" label="Use each tile" options={searches} usual="local" form={form} />
        <NumberField name="most" label="Maximum uses of a tile" min={1} max={1_000_000} form={form} />
        <SelectField name="pyramid" label="Deep-zoom tiles" options={pyramids} usual="stored" form={form} />
        <NumberField name="quality" label="JPEG quality" min={1} max={100} usual="90" form={form} />
      </Options>
      <figure class="grid-preview" data-grid-preview hidden>
        <div class="shown">
          <canvas
            class="squares"
            role="img"
            aria-label="The photo divided into one square for each tile of the mosaic"
          />
          <img class="engines" alt="Preview of the mosaic" hidden />
        </div>
        <figcaption>
          <p class="hint" role="status" />
        </figcaption>
      </figure>
    </PhotoForm>
  )
}

/** Collapsed, unless one of its fields has an error. */
const Options: FC<PropsWithChildren<{ summary: string; fields: readonly string[]; form: Filled }>> = ({
  summary,
  fields,
  form,
  children,
}) => (
  <details open={fields.some((name) => form.errors[name])}>
    <summary>{summary}</summary>
    <div class="grid">{children}</div>
  </details>
)

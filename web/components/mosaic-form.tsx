/** The form that makes a mosaic of a photo. */
import type { FC, PropsWithChildren } from 'hono/jsx'
import { AuthorField } from './author-field.tsx'
import { describe, Field, type Filled, NumberField, SelectField } from './form-field.tsx'
import { acceptedPictures, PhotoForm, type PhotoFormProps } from './photo-form.tsx'

const tones = [
  ['off', 'Keep their own'],
  ['bounded', 'Towards the photo’s'],
  ['full', 'The photo’s entirely'],
] as const

const layouts = [
  ['grid', 'Squares'],
  ['hexagons', 'Hexagons'],
  ['quadtree', 'Small where there is detail'],
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
        <NumberField name="scale" label="Enlarge, times" min={1} max={40} step="any" form={form} />
        <NumberField
          name="distance"
          label="Same tile apart, cells"
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
        <Field name="mask" label="Only where this picture is light" errors={form.errors}>
          <input
            type="file"
            id="mask"
            name="mask"
            accept={acceptedPictures}
            {...describe('mask', form.errors)}
          />
        </Field>
        <SelectField name="tone" label="Tiles’ colours" options={tones} usual="off" form={form} />
        <SelectField name="flips" label="Tiles shown" options={flips} usual="off" form={form} />
        <SelectField name="search" label="Each tile is used" options={searches} usual="local" form={form} />
        <NumberField name="most" label="At most, times" min={1} max={1_000_000} form={form} />
        <SelectField
          name="pyramid"
          label="Tiles of the deep zoom"
          options={pyramids}
          usual="stored"
          form={form}
        />
        <NumberField name="quality" label="JPEG quality" min={1} max={100} usual="90" form={form} />
      </Options>
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
    </PhotoForm>
  )
}

/** Behind a summary, unless something in there is wrong. */
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

/** The form that posts a photo. It works as it stands; `islands/make.ts` adds drop, paste, preview and progress. */
import type { FC, PropsWithChildren } from 'hono/jsx'

/** Problems by field; `form` for what belongs to none. */
export type FormErrors = Record<string, string>

export interface MakeFormProps {
  libraries: readonly string[]
  maxBytes: number
  /** Makes a repeated submit of this very form the same job. */
  token: string
  values: Record<string, string>
  errors: FormErrors
}

const Field: FC<PropsWithChildren<{ name: string; label: string; hint?: string; errors: FormErrors }>> = ({
  name,
  label,
  hint,
  errors,
  children,
}) => (
  <div class="field">
    <label for={name}>{label}</label>
    {children}
    {hint && (
      <p class="hint" id={`${name}-hint`}>
        {hint}
      </p>
    )}
    <p class="error" id={`${name}-error`} data-error={name}>
      {errors[name]}
    </p>
  </div>
)

const describe = (name: string, errors: FormErrors, hint = false) => ({
  'aria-describedby': hint ? `${name}-hint ${name}-error` : `${name}-error`,
  'aria-invalid': errors[name] ? 'true' : undefined,
})

const NumberInput: FC<{
  name: string
  value: string
  min: number
  max: number
  step?: string
  placeholder?: string
  errors: FormErrors
  hint?: boolean
}> = ({ name, value, min, max, step, placeholder, errors, hint }) => (
  <input
    type="number"
    inputmode="numeric"
    id={name}
    name={name}
    value={value}
    min={min}
    max={max}
    step={step}
    placeholder={placeholder}
    {...describe(name, errors, hint)}
  />
)

const Select: FC<{
  name: string
  value: string
  options: readonly (readonly [string, string])[]
  errors: FormErrors
}> = ({ name, value, options, errors }) => (
  <select id={name} name={name} {...describe(name, errors)}>
    {options.map(([option, text]) => (
      <option value={option} selected={option === value}>
        {text}
      </option>
    ))}
  </select>
)

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
] as const

const MosaicOptions: FC<Omit<MakeFormProps, 'token' | 'maxBytes'>> = ({ libraries, values, errors }) => (
  <fieldset class="options" data-for="mosaic">
    <legend class="visually-hidden">Mosaic options</legend>
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
  </fieldset>
)

const ResizeOptions: FC<Pick<MakeFormProps, 'values' | 'errors'>> = ({ values, errors }) => (
  <fieldset class="options" data-for="resize">
    <legend class="visually-hidden">Resize options</legend>
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
    </div>
  </fieldset>
)

export const MakeForm: FC<MakeFormProps> = ({ libraries, maxBytes, token, values, errors }) => (
  <form
    class="make card"
    id="make"
    action="/new"
    method="post"
    enctype="multipart/form-data"
    data-max-bytes={maxBytes}
  >
    <fieldset class="segments">
      <legend class="visually-hidden">What to make</legend>
      <label>
        <input type="radio" name="type" value="mosaic" checked={values.type !== 'resize'} />
        <span>Mosaic</span>
      </label>
      <label>
        <input type="radio" name="type" value="resize" checked={values.type === 'resize'} />
        <span>Resize</span>
      </label>
    </fieldset>

    <div class="drop" data-drop>
      <div class="prompt" data-prompt>
        <label for="image">
          <strong>Choose a photo</strong>
          <span class="with-script"> or drop it here, or paste it</span>
        </label>
        <p class="hint" id="image-hint">
          JPEG, PNG, WebP, GIF or AVIF, up to {Math.floor(maxBytes / 2 ** 20)} MiB
        </p>
      </div>
      <input
        type="file"
        id="image"
        name="image"
        accept="image/jpeg,image/png,image/webp,image/gif,image/avif"
        {...describe('image', errors, true)}
      />
      <div class="preview" data-preview hidden />
    </div>
    <p class="error" id="image-error" data-error="image">
      {errors.image}
    </p>

    <Field name="url" label="… or a link to one" errors={errors}>
      <input
        type="url"
        id="url"
        name="url"
        value={values.url ?? ''}
        placeholder="https://"
        autocomplete="off"
        {...describe('url', errors)}
      />
    </Field>

    <MosaicOptions libraries={libraries} values={values} errors={errors} />
    <ResizeOptions values={values} errors={errors} />
    <input type="hidden" name="token" value={token} autocomplete="off" />

    <p class="error" role="alert" data-error="form">
      {errors.form}
    </p>
    <button class="button primary" type="submit">
      <span data-for="mosaic">Make my mosaic</span>
      <span data-for="resize">Resize my picture</span>
    </button>
    <div class="sending" data-sending hidden>
      <progress max="100" aria-label="Upload" />
      <p class="hint" role="status" />
    </div>
  </form>
)

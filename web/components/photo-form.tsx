/** A form that starts jobs for photos. Works without scripts; islands add drop, paste, camera and previews. */
import type { FC, PropsWithChildren } from 'hono/jsx'
import { describe, Field, FieldError, type Filled } from './form-field.tsx'

/** Props that pages pass to each such form. */
export interface PhotoFormProps {
  form: Filled
  maxBytes: number
  /** Idempotency token: submitting this form again gives the same job. */
  token: string
}

interface OwnProps {
  id: string
  /** URL of the page, which also handles the form. */
  action: string
  /** Label of the button. */
  submit: string
  /** Whether several photos can be chosen. */
  multiple?: boolean
}

export const PhotoForm: FC<PropsWithChildren<PhotoFormProps & OwnProps>> = (props) => {
  const { form, maxBytes, token, id, action, submit, multiple = false, children } = props
  return (
    <form
      class="make card"
      id={id}
      action={action}
      method="post"
      enctype="multipart/form-data"
      data-max-bytes={maxBytes}
    >
      <PhotoInput maxBytes={maxBytes} form={form} multiple={multiple} />
      {children}
      <input type="hidden" name="token" value={token} autocomplete="off" />
      <FormEnd form={form} submit={submit} />
    </form>
  )
}

/** Supported formats. With this `accept`, phones offer no others, and iPhones convert HEIC to JPEG. */
export const acceptedPictures = 'image/jpeg,image/png,image/webp,image/gif,image/avif'

const PhotoInput: FC<{ maxBytes: number; form: Filled; multiple: boolean }> = ({
  maxBytes,
  form: { values, errors },
  multiple,
}) => (
  <>
    <div class="drop" data-drop>
      <div class="prompt" data-prompt>
        <label for="image">
          <strong>{multiple ? 'Choose pictures' : 'Choose a photo'}</strong>
          <span class="with-script"> or drop {multiple ? 'them' : 'it'} here, or paste</span>
        </label>
        <p class="hint" id="image-hint">
          JPEG, PNG, WebP, GIF or AVIF, up to {Math.floor(maxBytes / 2 ** 20)} MiB{multiple && ' each'}
        </p>
      </div>
      <input
        type="file"
        id="image"
        name="image"
        accept={acceptedPictures}
        multiple={multiple}
        {...describe('image', errors, true)}
      />
      <div class="preview" data-preview hidden />
    </div>
    <FieldError name="image" errors={errors} />
    {!multiple && (
      <p class="camera" data-camera hidden>
        <label class="button quiet" for="camera">
          Take a photo
        </label>
        <input class="visually-hidden" type="file" id="camera" accept="image/*" capture="environment" />
      </p>
    )}
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
  </>
)

/** General errors, the button, and the progress of the upload. */
export const FormEnd: FC<{ form: Filled; submit: string }> = ({ form: { errors }, submit }) => (
  <>
    <p class="error" role="alert" data-error="form">
      {errors.form}
    </p>
    <button class="button primary" type="submit">
      {submit}
    </button>
    <div class="sending" data-sending hidden>
      <progress max="100" aria-label="Upload" />
      <p class="hint" role="status" />
    </div>
  </>
)

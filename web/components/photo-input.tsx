/** Where photos go in. It works as it stands; `islands/photo-drop.ts` adds drop, paste, camera and a look at them. */
import type { FC } from 'hono/jsx'
import { describe, Field, type FormErrors } from './form-field.tsx'

export interface PhotoInputProps {
  maxBytes: number
  values: Record<string, string>
  errors: FormErrors
  /** More than one at a time. */
  multiple?: boolean
}

const pictures = 'image/jpeg,image/png,image/webp,image/gif,image/avif'

export const PhotoInput: FC<PhotoInputProps> = ({ maxBytes, values, errors, multiple = false }) => (
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
        accept={pictures}
        multiple={multiple}
        {...describe('image', errors, true)}
      />
      <div class="preview" data-preview hidden />
    </div>
    <p class="error" id="image-error" data-error="image">
      {errors.image}
    </p>
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

/** Its end, the same for all: what belongs to no field, the button, and how far the photo has gone. */
export const FormEnd: FC<{ errors: FormErrors; token: string; action: string }> = ({
  errors,
  token,
  action,
}) => (
  <>
    <input type="hidden" name="token" value={token} autocomplete="off" />
    <p class="error" role="alert" data-error="form">
      {errors.form}
    </p>
    <button class="button primary" type="submit">
      {action}
    </button>
    <div class="sending" data-sending hidden>
      <progress max="100" aria-label="Upload" />
      <p class="hint" role="status" />
    </div>
  </>
)

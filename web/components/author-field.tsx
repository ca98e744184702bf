import type { FC } from 'hono/jsx'
import { describe, Field, type Filled } from './form-field.tsx'

/** The author's name. @param shownWith what the name will be shown with */
export const AuthorField: FC<{ shownWith: string; form: Filled }> = ({
  shownWith,
  form: { values, errors },
}) => (
  <Field
    name="author"
    label="Your name"
    hint={`Shown with the ${shownWith}. Leave it empty to stay unnamed.`}
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
)

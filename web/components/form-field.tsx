/** A form field: label, hint and error together. */
import type { FC, PropsWithChildren } from 'hono/jsx'

/** Problems by field; `form` for those without a field. */
export type FormErrors = Record<string, string>

/** The content of a form. */
export interface Filled {
  /** By field, as typed. */
  values: Record<string, string>
  errors: FormErrors
}

interface Labelled {
  name: string
  label: string
  hint?: string
}

export const Field: FC<PropsWithChildren<Labelled & { errors: FormErrors }>> = ({
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
    <FieldError name={name} errors={errors} />
  </div>
)

/** Empty without an error, because scripts write into it, too. */
export const FieldError: FC<{ name: string; errors: FormErrors }> = ({ name, errors }) => (
  <p class="error" id={`${name}-error`} data-error={name}>
    {errors[name]}
  </p>
)

export const describe = (name: string, errors: FormErrors, hint = false) => ({
  'aria-describedby': hint ? `${name}-hint ${name}-error` : `${name}-error`,
  'aria-invalid': errors[name] ? 'true' : undefined,
})

export const NumberField: FC<
  Labelled & {
    form: Filled
    min: number
    max: number
    step?: string
    /** Initial value. Absent: empty, and the engine chooses. */
    usual?: string
  }
> = ({ form: { values, errors }, name, label, hint, min, max, step, usual }) => (
  <Field {...{ name, label, errors, ...(hint && { hint }) }}>
    <input
      type="number"
      inputmode={step === 'any' ? 'decimal' : 'numeric'}
      id={name}
      name={name}
      value={values[name] ?? usual ?? ''}
      min={min}
      max={max}
      step={step}
      placeholder={usual === undefined ? 'auto' : undefined}
      {...describe(name, errors, hint !== undefined)}
    />
  </Field>
)

export const SelectField: FC<
  Labelled & {
    form: Filled
    /** Value and label of each. */
    options: readonly (readonly [string, string])[]
    usual: string
  }
> = ({ form: { values, errors }, name, label, hint, options, usual }) => (
  <Field {...{ name, label, errors, ...(hint && { hint }) }}>
    <select id={name} name={name} {...describe(name, errors, hint !== undefined)}>
      {options.map(([option, words]) => (
        <option value={option} selected={option === (values[name] ?? usual)}>
          {words}
        </option>
      ))}
    </select>
  </Field>
)

/** A checkbox with its label. */
export const TickField: FC<Labelled & { form: Filled }> = ({ form: { values, errors }, name, label }) => (
  <div class="field tick">
    <label for={name}>
      <input
        type="checkbox"
        id={name}
        name={name}
        checked={values[name] === 'on'}
        {...describe(name, errors)}
      />
      {label}
    </label>
    <FieldError name={name} errors={errors} />
  </div>
)

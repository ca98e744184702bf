/** A field of a form: its label, what it is for, and what is wrong with it, all in one place. */
import type { FC, PropsWithChildren } from 'hono/jsx'

/** Problems by field; `form` for what belongs to none. */
export type FormErrors = Record<string, string>

export const Field: FC<
  PropsWithChildren<{ name: string; label: string; hint?: string; errors: FormErrors }>
> = ({ name, label, hint, errors, children }) => (
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

export const describe = (name: string, errors: FormErrors, hint = false) => ({
  'aria-describedby': hint ? `${name}-hint ${name}-error` : `${name}-error`,
  'aria-invalid': errors[name] ? 'true' : undefined,
})

export const NumberInput: FC<{
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

export const Select: FC<{
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

/** A box beside its label. */
export const Checkbox: FC<{ name: string; label: string; checked: boolean; errors: FormErrors }> = ({
  name,
  label,
  checked,
  errors,
}) => (
  <div class="field tick">
    <label for={name}>
      <input type="checkbox" id={name} name={name} checked={checked} {...describe(name, errors)} />
      {label}
    </label>
    <p class="error" id={`${name}-error`} data-error={name}>
      {errors[name]}
    </p>
  </div>
)

/** Building blocks of the operator's page. */
import type { Child, FC, PropsWithChildren } from 'hono/jsx'

/** A heading with a list, or a sentence if the list is empty. */
export const Section: FC<
  PropsWithChildren<{ id: string; title: string; note?: Child; empty: string; count: number }>
> = ({ id, title, note, empty, count, children }) => (
  <section id={id} aria-labelledby={`${id}-heading`}>
    <header>
      <h2 id={`${id}-heading`}>{title}</h2>
      {note && <p class="muted">{note}</p>}
    </header>
    {count === 0 ? <p class="muted">{empty}</p> : <ul class="entries">{children}</ul>}
  </section>
)

export const Entry: FC<
  PropsWithChildren<{
    title: Child
    state?: string
    tone?: 'good' | 'bad' | undefined
    temporal?: string | undefined
  }>
> = ({ title, state, tone, temporal, children }) => (
  <li>
    <div class="what">
      <p class="title">
        {title} {state && <span class={`state ${tone ?? ''}`}>{state}</span>}
      </p>
      {temporal && (
        <a class="text-link" href={temporal} rel="external">
          in Temporal
        </a>
      )}
    </div>
    {children}
  </li>
)

/** A button for one call. `what` completes its label for screen readers, which do not see its context. */
export const Ask: FC<{ action: string; label: string; what: string; primary?: boolean }> = ({
  action,
  label,
  what,
  primary = false,
}) => (
  <form method="post" action={action}>
    <button class={primary ? 'button small' : 'button quiet small'} type="submit">
      {label}
      <span class="visually-hidden"> {what}</span>
    </button>
  </form>
)

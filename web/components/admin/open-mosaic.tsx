/** Opens a mosaic that an operator wants to edit or delete. */
import type { FC } from 'hono/jsx'

export const OpenMosaic: FC = () => (
  <section id="mosaics" aria-labelledby="mosaics-heading">
    <header>
      <h2 id="mosaics-heading">Mosaics</h2>
      <p class="muted">You can edit or delete any mosaic.</p>
    </header>
    <search class="find">
      <form method="get" action="/admin/mosaic">
        <label for="link">Link or ID</label>
        <input
          type="text"
          id="link"
          name="link"
          placeholder="mosaic-…"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          required
        />
        <button class="button quiet" type="submit">
          Open it
        </button>
      </form>
    </search>
  </section>
)

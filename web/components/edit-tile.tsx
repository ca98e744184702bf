/** The dialog for replacing a tile. Opened, filled and sent by `islands/edit-tile.ts`. */
import type { FC } from 'hono/jsx'

export const EditTile: FC = () => (
  <dialog class="sheet edit-tile" aria-labelledby="edit-heading" data-edit>
    <form>
      <h2 id="edit-heading">Not this tile</h2>
      <p class="muted" data-what />
      <fieldset data-choices>
        <legend>What should happen?</legend>
        <label class="choice">
          <input type="radio" name="instead" value="replace" checked />
          <span>
            <strong>Not here</strong>: the next best tile takes this cell
          </span>
        </label>
        <label class="choice">
          <input type="radio" name="instead" value="ban" />
          <span>
            <strong>Nowhere</strong>: <span data-everywhere />
          </span>
        </label>
        <p class="hint" data-looking>
          Looking for tiles that fit…
        </p>
        <div class="runners-up" data-runners-up />
      </fieldset>
      <p class="hint">This makes a new mosaic. The current one stays as it is.</p>
      <p class="error" role="alert" data-error="form" />
      <div data-making hidden>
        <progress max={100} aria-label="The new mosaic" />
        <p class="hint" role="status" />
      </div>
      <p class="actions">
        <button class="button primary" type="submit">
          Make the new mosaic
        </button>
        <button class="button quiet" type="button" data-close>
          Close
        </button>
      </p>
    </form>
  </dialog>
)

/** What a wall is printed on. Opened and sent by `islands/wall-print.ts`: what hangs where is known to the screen alone. */
import type { FC } from 'hono/jsx'
import { Field, Select } from './form-field.tsx'

const papers = ['A4', 'A3', 'A2', 'A1', 'A0'].map((name) => [name, name] as const)
const resolutions = [
  ['100', '100 dpi, for a look'],
  ['200', '200 dpi'],
  ['300', '300 dpi, for a print shop'],
] as const
const formats = [
  ['pdf', 'PDF'],
  ['tiff', 'TIFF, not compressed'],
] as const

export const WallPrint: FC = () => (
  <dialog class="print" aria-labelledby="print-heading">
    <form>
      <h2 id="print-heading">Print the wall</h2>
      <Field name="paper" label="Paper" errors={{}}>
        <Select name="paper" value="A3" options={papers} errors={{}} />
      </Field>
      <Field name="dpi" label="Resolution" errors={{}}>
        <Select name="dpi" value="200" options={resolutions} errors={{}} />
      </Field>
      <Field name="format" label="File" errors={{}}>
        <Select name="format" value="pdf" options={formats} errors={{}} />
      </Field>
      <p class="error" role="alert" data-error="form" />
      <p class="hint" role="status" />
      <p class="actions">
        <button class="button primary" type="submit">
          Make the file
        </button>
        <button class="button quiet" type="button" data-close>
          Close
        </button>
      </p>
    </form>
  </dialog>
)

/** The dialog for printing a wall. Opened and sent by `islands/wall-print.ts`: only the screen knows which photo is where. */
import type { FC } from 'hono/jsx'
import { SelectField } from './form-field.tsx'

const papers = ['A4', 'A3', 'A2', 'A1', 'A0'].map((name) => [name, name] as const)
const resolutions = [
  ['100', '100 dpi, a draft'],
  ['200', '200 dpi'],
  ['300', '300 dpi, for a print shop'],
] as const
const formats = [
  ['pdf', 'PDF'],
  ['tiff', 'TIFF, uncompressed'],
] as const

const fresh = { values: {}, errors: {} }

export const WallPrint: FC = () => (
  <dialog class="sheet print" aria-labelledby="print-heading">
    <form>
      <h2 id="print-heading">Print the wall</h2>
      <SelectField name="paper" label="Paper" options={papers} usual="A3" form={fresh} />
      <SelectField name="dpi" label="Resolution" options={resolutions} usual="200" form={fresh} />
      <SelectField name="format" label="File" options={formats} usual="pdf" form={fresh} />
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

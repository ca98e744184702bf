/** A wall for a projector: the growing picture, and how to take part. `islands/wall.ts` does everything that moves. */
import { raw } from 'hono/html'
import type { FC } from 'hono/jsx'
import { WallPrint } from './wall-print.tsx'

export interface WallProps {
  library: string
  cells: number
  /** URL of the picture that the photos form. */
  target: string
  /** URL for phones. */
  upload: string
  /** The same URL as a QR code: an SVG made by us. */
  qrCode: string
}

export const Wall: FC<WallProps> = ({ library, cells, target, upload, qrCode }) => (
  <article class="wall" data-library={library} data-cells={cells}>
    <h1 class="visually-hidden">{library}: a wall of photos</h1>
    <div class="wall-stage">
      <img class="wall-target" src={target} alt="What the photos will form" />
    </div>
    <aside class="wall-invite" aria-label="Join in">
      <div class="qr" role="img" aria-label={`QR code of ${upload}`}>
        {raw(qrCode)}
      </div>
      <div>
        <p>
          <strong>Be part of it</strong>
        </p>
        <p>Scan the code with your phone, or go to</p>
        <p>
          <a href={upload}>
            {new URL(upload).host}
            {/* People read the URL aloud, so it only breaks between its parts. */}
            <wbr />
            {new URL(upload).pathname}
          </a>
        </p>
        <p role="status" data-count />
        <p class="actions">
          <button class="button quiet" type="button" data-lapse hidden>
            From the start
          </button>
          <button class="button quiet" type="button" data-print hidden>
            Print
          </button>
          <button class="button quiet" type="button" data-full hidden>
            Full screen
          </button>
        </p>
      </div>
    </aside>
    <WallPrint />
    <noscript>
      <p class="notice">This wall needs JavaScript, which is switched off in this browser.</p>
    </noscript>
  </article>
)

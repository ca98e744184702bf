/** A page with a message and links back. */
export const Message = ({ title, text }: { title: string; text: string }) => (
  <section class="message">
    <h1>{title}</h1>
    <p>{text}</p>
    <p class="actions">
      <a class="button primary" href="/new">
        Make a mosaic
      </a>
      <a class="button quiet" href="/#gallery">
        Go to the gallery
      </a>
    </p>
  </section>
)

/** A sentence of the contract: what stands between backticks is code, as in Markdown. */
export const Prose = ({ text }: { text: string | undefined }) => (
  <>{(text ?? '').split('`').map((part, at) => (at % 2 === 1 ? <code>{part}</code> : part))}</>
)

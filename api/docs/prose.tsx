/** Text of the contract. Backticks mark code, as in Markdown. */
export const Prose = ({ text }: { text: string | undefined }) => (
  <>{(text ?? '').split('`').map((part, at) => (at % 2 === 1 ? <code>{part}</code> : part))}</>
)

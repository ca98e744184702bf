/** Validates like PictureResizeApi's schema (marshmallow 3.10), with the same messages. */

export interface LegacyRequest {
  /** base64. */
  image: string
  width: number
  height: number
}

/** Messages by field, in the order of the schema. */
export type Faults = Record<string, string[]>

const wrongSize = 'Value must be greater than 0 and less than 2000 px'

export function validateRequest(
  body: Record<string, unknown>,
): { request: LegacyRequest } | { faults: Faults } {
  const faults: Faults = {}
  const image = field(body, 'image', faults, (value) => {
    if (typeof value !== 'string') throw new Fault('Not a valid string.')
    return value
  })
  const width = field(body, 'width', faults, side)
  const height = field(body, 'height', faults, side)
  if (image === undefined || width === undefined || height === undefined) return { faults }
  return { request: { image, width, height } }
}

class Fault extends Error {}

function field<T>(
  body: Record<string, unknown>,
  name: string,
  faults: Faults,
  read: (value: unknown) => T,
): T | undefined {
  try {
    if (!Object.hasOwn(body, name)) throw new Fault('Missing data for required field.')
    if (body[name] === null) throw new Fault('Field may not be null.')
    return read(body[name])
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    faults[name] = [error.message]
    return undefined
  }
}

/** Python's `int()` for JSON values: truncates fractions; strings may have whitespace, a sign and `1_000`. */
function side(value: unknown): number {
  const whole =
    typeof value === 'number'
      ? Math.trunc(value)
      : typeof value === 'string' && /^\s*[+-]?\d+(_\d+)*\s*$/.test(value)
        ? Number(value.replaceAll('_', ''))
        : Number.NaN
  if (Number.isNaN(whole)) throw new Fault('Not a valid integer.')
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Fault('Number too large.')
  // The message says 0 where the rule says 1: clients compare the message.
  if (whole <= 1 || whole >= 2000) throw new Fault(wrongSize)
  return whole
}

/** Formats like Python prints a dictionary, which is what the `status` header contained. */
export const pythonDictionary = (faults: Faults): string =>
  `{${Object.entries(faults)
    .map(([name, messages]) => `'${name}': [${messages.map((message) => `'${message}'`).join(', ')}]`)
    .join(', ')}}`

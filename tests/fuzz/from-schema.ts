/** Generates values from the API's JSON schemas: valid, nearly valid, and invalid. */
import fc from 'fast-check'

export interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  minItems?: number
  maxItems?: number
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  oneOf?: Schema[]
  anyOf?: Schema[]
  allOf?: Schema[]
  example?: unknown
  default?: unknown
}

export type Components = Record<string, Schema>

/** Texts that have broken parsers before. */
export const nastyTexts = [
  ...[
    '',
    ' ',
    '\0',
    '\ud800',
    '\u202e',
    '__proto__',
    'constructor',
    'toString',
    'null',
    'NaN',
    '-0',
    '1e999',
  ],
  ...['../..', '..\\..', '%00', '%2e%2e', '%', '%E0%A4%A', 'a/b~c', "' OR 1=1 --", '<script>', '{{x}}'],
  ...[
    'file:///etc/passwd',
    'http://',
    'http://[::1',
    'http://a@b',
    '//x',
    'data:,x',
    'javascript:0',
    'A'.repeat(5_000),
  ],
  ...[
    '=',
    '==',
    'AAAA=AAA',
    'data:image/png;base64,AAAA',
    '🏳️‍🌈',
    '\r\nX: y',
    '*',
    '**',
    '(((',
    'a'.repeat(64),
  ],
]

export const text = fc.oneof(
  fc.constantFrom(...nastyTexts),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
)

export const number = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.5, 255, 256, 65_535, 2 ** 31, 2 ** 53, 1e21, 1e308, -1e308, 1e-320),
  fc.integer(),
  fc.double({ noNaN: true }),
)

/** Any JSON value. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 2, arbitrary: number },
  { weight: 1, arbitrary: fc.constantFrom(null, true, false, [], {}, [[]], [null], { a: { b: [] } }) },
  { weight: 1, arbitrary: fc.array(text, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(text, number, { maxKeys: 3 }) },
)

/** Percentage of parts replaced by arbitrary values. */
const strange = 2

export function fromSchema(schema: Schema, components: Components, depth = 0): fc.Arbitrary<unknown> {
  const fits = fitting(schema, components, depth)
  return fc.oneof({ weight: 100 - strange, arbitrary: fits }, { weight: strange, arbitrary: junk })
}

function fitting(schema: Schema, components: Components, depth: number): fc.Arbitrary<unknown> {
  if (depth > 6) return junk
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1) ?? ''
    return fitting(components[name] ?? {}, components, depth + 1)
  }
  const variants = schema.oneOf ?? schema.anyOf
  if (variants) return fc.oneof(...variants.map((one) => fitting(one, components, depth + 1)))
  if (schema.allOf) {
    const parts = schema.allOf.map((one) => fitting(one, components, depth + 1))
    return fc.tuple(...parts).map((all) => Object.assign({}, ...all.map((one) => Object(one))))
  }
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const [type] = [schema.type].flat()
  switch (type) {
    case 'object':
      return objectOf(schema, components, depth)
    case 'array':
      return fc.array(fromSchema(schema.items ?? {}, components, depth + 1), {
        minLength: Math.min(schema.minItems ?? 0, 3),
        maxLength: Math.min(schema.maxItems ?? 3, 3),
      })
    case 'integer':
    case 'number': {
      const [min, max] = [schema.minimum ?? -10, schema.maximum ?? 1_000]
      const inside = type === 'integer' ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true })
      return fc.oneof(
        { weight: 20, arbitrary: inside },
        { weight: 4, arbitrary: fc.constantFrom(min, max) },
        { weight: 1, arbitrary: fc.constantFrom(min - 1, max + 1, min + 0.5) },
      )
    }
    case 'boolean':
      return fc.boolean()
    case 'string':
      return stringOf(schema)
    default:
      return junk
  }
}

function objectOf(
  { properties = {}, required = [], additionalProperties }: Schema,
  components: Components,
  depth: number,
): fc.Arbitrary<unknown> {
  const needed = required.filter((name) => name in properties)
  const optional = Object.keys(properties).filter((name) => !needed.includes(name))
  // Only a few: with all two dozen options, one would always be invalid.
  const known = fc
    .subarray(optional, { maxLength: Math.min(optional.length, 4) })
    .chain((chosen) =>
      fc.record(
        Object.fromEntries(
          [...needed, ...chosen].map((name) => [
            name,
            fromSchema(properties[name] ?? {}, components, depth + 1),
          ]),
        ),
      ),
    )
  const more =
    typeof additionalProperties === 'object'
      ? fc.dictionary(text, fromSchema(additionalProperties, components, depth + 1), { maxKeys: 3 })
      : fc.constant({})
  const unknown = fc.oneof(
    { weight: 30, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.dictionary(text, junk, { maxKeys: 2 }) },
  )
  return fc.tuple(known, more, unknown).map(([a, b, c]) => ({ ...a, ...b, ...c }))
}

function stringOf({ pattern, example, default: usual, minLength = 0, maxLength = 40 }: Schema) {
  const arbitraries: fc.WeightedArbitrary<unknown>[] = [{ weight: 1, arbitrary: text }]
  if (typeof example === 'string') arbitraries.push({ weight: 4, arbitrary: fc.constant(example) })
  if (typeof usual === 'string') arbitraries.push({ weight: 4, arbitrary: fc.constant(usual) })
  if (pattern !== undefined) {
    try {
      arbitraries.push({
        weight: 8,
        arbitrary: fc.stringMatching(new RegExp(pattern, 'u'), { maxLength: 80 }),
      })
    } catch {
      // For patterns that the generator cannot invert, only examples and nasty texts are used.
    }
  }
  arbitraries.push({
    weight: 4,
    arbitrary: fc.string({ minLength: Math.min(minLength, 40), maxLength: Math.min(maxLength, 40) }),
  })
  return fc.oneof(...arbitraries)
}

/** JSON schemas, rendered for people. */
import type { Child } from 'hono/jsx'
import { Prose } from './prose.tsx'

export interface JsonSchema {
  $ref?: string
  type?: string | string[]
  description?: string
  default?: unknown
  enum?: unknown[]
  const?: unknown
  format?: string
  pattern?: string
  minimum?: number
  maximum?: number
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  oneOf?: JsonSchema[]
  anyOf?: JsonSchema[]
  allOf?: JsonSchema[]
  additionalProperties?: JsonSchema | boolean
}

/** The name of the schema that a reference points to. */
export const nameOf = ({ $ref }: JsonSchema) => $ref?.split('/').at(-1)

/** A schema's type in a few words, with links to named schemas. */
export function typeOf(schema: JsonSchema): Child {
  const name = nameOf(schema)
  if (name) return <a href={`#shape-${name}`}>{name}</a>
  const either = schema.oneOf ?? schema.anyOf
  if (either) return join(either.map(typeOf), ' or ')
  if (schema.allOf) return join(schema.allOf.map(typeOf), ' and ')
  if (schema.enum)
    return join(
      schema.enum.map((value) => <code>{JSON.stringify(value)}</code>),
      ', ',
    )
  if (schema.const !== undefined) return <code>{JSON.stringify(schema.const)}</code>
  if (schema.items) return <>list of {typeOf(schema.items)}</>
  const type = [schema.type ?? 'anything'].flat().join(' or ')
  const range =
    schema.maximum !== undefined && schema.maximum < Number.MAX_SAFE_INTEGER
      ? ` ${schema.minimum ?? ''} to ${schema.maximum}`
      : ''
  return `${type}${range}${schema.format ? ` (${schema.format})` : ''}`
}

/** The fields of an object schema, or the type of any other. */
export const SchemaTable = ({ schema }: { schema: JsonSchema }) => (
  <>
    {schema.description && (
      <p>
        <Prose text={schema.description} />
      </p>
    )}
    {schema.properties ? <Fields schema={schema} /> : <p>{typeOf(schema)}</p>}
  </>
)

const Fields = ({ schema }: { schema: JsonSchema }) => (
  <table>
    <thead>
      <tr>
        <th scope="col">Field</th>
        <th scope="col">Type</th>
        <th scope="col">Meaning</th>
      </tr>
    </thead>
    <tbody>
      {Object.entries(schema.properties ?? {}).map(([name, field]) => (
        <tr>
          <th scope="row">
            <code>{name}</code>
            {schema.required?.includes(name) && field.default === undefined && <small> required</small>}
          </th>
          <td>{typeOf(field)}</td>
          <td>
            <Prose text={field.description} />
            {field.default !== undefined && (
              <>
                {' '}
                Default <code>{JSON.stringify(field.default)}</code>.
              </>
            )}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)

const join = (parts: Child[], between: string) => (
  <>
    {parts.map((part, at) => (
      <>
        {at > 0 && between}
        {part}
      </>
    ))}
  </>
)

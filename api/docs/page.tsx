import type { ApiDocument } from '../openapi.ts'
import { Layout } from './layout.tsx'
import { Prose } from './prose.tsx'
import { type JsonSchema, nameOf, SchemaTable, typeOf } from './schema.tsx'

interface Operation {
  method: string
  path: string
  anchor: string
  summary?: string
  description?: string
  tags?: string[]
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: JsonSchema }[]
  requestBody?: { content?: Content }
  responses?: Record<string, { description?: string; content?: Content }>
}
type Content = Record<string, { schema?: JsonSchema }>

const methods = ['get', 'post', 'put', 'patch', 'delete']

export const DocsPage = ({ document }: { document: ApiDocument }) => {
  const operations = operationsOf(document)
  const schemas = Object.entries((document.components?.schemas ?? {}) as Record<string, JsonSchema>)
  const tags = (document.tags ?? []).map(({ name }) => name)
  return (
    <Layout title="mosaicme API">
      <h1>The {document.info.title} API</h1>
      <p>
        <Prose text={document.info.description} />
      </p>
      <nav aria-label="Calls">
        <ul class="contents">
          {operations.map(({ method, path, anchor, summary }) => (
            <li>
              <a href={`#${anchor}`}>
                <Call method={method} path={path} />
              </a>
              <span>{summary}</span>
            </li>
          ))}
        </ul>
      </nav>
      {tags.map((tag) => (
        <section>
          <h2>{tag}</h2>
          {operations
            .filter((operation) => operation.tags?.includes(tag))
            .map((operation) => (
              <OperationView operation={operation} />
            ))}
        </section>
      ))}
      <section>
        <h2>Shapes</h2>
        {schemas.map(([name, schema]) => (
          <article id={`shape-${name}`}>
            <h3>{name}</h3>
            <SchemaTable schema={schema} />
          </article>
        ))}
      </section>
    </Layout>
  )
}

const Call = ({ method, path }: { method: string; path: string }) => (
  <code>
    {/* The space belongs to the method, so that the link's underline starts at the path. */}
    <span class={`method ${method}`}>{`${method.toUpperCase()} `}</span>
    {path}
  </code>
)

const OperationView = ({ operation }: { operation: Operation }) => {
  const {
    method,
    path,
    anchor,
    summary,
    description,
    parameters = [],
    requestBody,
    responses = {},
  } = operation
  return (
    <article id={anchor}>
      <h3>
        <Call method={method} path={path} />
      </h3>
      <p>
        <strong>{summary}.</strong> <Prose text={description} />
      </p>
      {parameters.length > 0 && (
        <dl>
          {parameters.map(({ name, in: where, required, description, schema }) => (
            <>
              <dt>
                <code>{name}</code> <small>{`${where}${required ? ', required' : ''}`}</small>
              </dt>
              <dd>
                {schema && typeOf(schema)} <Prose text={description ?? schema?.description} />{' '}
                {schema?.default !== undefined && `Default ${JSON.stringify(schema.default)}.`}
              </dd>
            </>
          ))}
        </dl>
      )}
      {requestBody?.content && (
        <p>
          Body: <Bodies content={requestBody.content} />
        </p>
      )}
      <table>
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Answer</th>
            <th scope="col">Body</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(responses).map(([status, { description, content }]) => (
            <tr>
              <th scope="row">{status}</th>
              <td>
                <Prose text={description} />
              </td>
              <td>{content && <Bodies content={content} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </article>
  )
}

const Bodies = ({ content }: { content: Content }) => (
  <>
    {Object.entries(content).map(([mediaType, { schema }], at) => {
      const name = schema && nameOf(schema)
      return (
        <>
          {at > 0 && ', or '}
          <code>{mediaType}</code>
          {name && (
            <>
              {' '}
              <a href={`#shape-${name}`}>{name}</a>
            </>
          )}
        </>
      )
    })}
  </>
)

function operationsOf(document: ApiDocument): Operation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = (item as Record<string, Omit<Operation, 'method' | 'path' | 'anchor'>>)[method]
      const anchor = `${method}-${path.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '')}`
      return operation ? [{ ...operation, method, path, anchor }] : []
    }),
  )
}

import type { problemKinds } from '../problems.ts'
import { Layout } from './layout.tsx'

/** The page that every problem's `type` links to. */
export const ProblemsPage = ({ kinds }: { kinds: typeof problemKinds }) => (
  <Layout title="Problems · mosaicme API">
    <h1>Problems</h1>
    <p>
      Whatever goes wrong is answered as <code>application/problem+json</code> (RFC 9457): <code>code</code>{' '}
      is for programs, <code>detail</code> for people, and <code>errors</code> points at what is wrong in the
      body.
    </p>
    <table class="problems">
      <thead>
        <tr>
          <th scope="col">Code</th>
          <th scope="col">Status</th>
          <th scope="col">Meaning</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(kinds).map(([code, { status, title }]) => (
          <tr id={code}>
            <th scope="row">
              <code>{code}</code>
            </th>
            <td>{status}</td>
            <td>{title}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </Layout>
)

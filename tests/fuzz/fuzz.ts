/** Sends generated requests to every route and generated values to every parser, and counts the outcomes. */
import fc from 'fast-check'
import { problemKinds } from '../../api/problems.ts'
import { type Parser, parsers } from './parsers.ts'
import { type FuzzedRequest, requestsOf } from './requests.ts'
import type { World } from './world.ts'

export interface FuzzOptions {
  runs: number
  seed: number
  world: World
  /** Run only targets whose names contain this. */
  only?: string
}

export interface Count {
  /** A route or a parser. */
  name: string
  tries: number
  taken: number
  refused: number
}

/** Totals of a run. */
export interface FuzzCounts {
  seed: number
  /** Requests to the API. */
  routes: number
  /** Requests and parser inputs. */
  names: number
  tries: number
  taken: number
  refused: number
  defects: number
  errorsLogged: number
  seconds: number
}

export interface Findings {
  counts: Count[]
  /** Descriptions with what is needed to reproduce them; at most ten. */
  defects: string[]
}

/** Percentage of requests; the rest goes to parsers, which are faster. */
const requestsPerHundred = 45

export async function fuzz({ runs, seed, world, only = '' }: FuzzOptions): Promise<Findings> {
  const counts = new Map<string, Count>()
  const defects: string[] = []
  const count = (name: string, taken: boolean) => {
    const one = counts.get(name) ?? { name, tries: 0, taken: 0, refused: 0 }
    counts.set(name, one)
    one.tries++
    if (taken) one.taken++
    else one.refused++
  }

  /** fast-check shrinks failures: describes the smallest one. */
  async function search<T>(
    name: string,
    runs: number,
    given: fc.Arbitrary<T>,
    attempt: (value: T) => Promise<void>,
  ) {
    if (runs === 0) return
    const found = await fc.check(fc.asyncProperty(given, attempt), {
      numRuns: runs,
      seed,
      endOnFailure: false,
    })
    if (found.failed && defects.length < 10)
      defects.push(
        `${name}, seed ${found.seed}, path ${found.counterexamplePath}: ${found.errorInstance instanceof Error ? found.errorInstance.message : found.errorInstance}`,
      )
  }

  const requests = Math.round((runs * requestsPerHundred) / 100)
  if ('requests'.includes(only))
    await search('requests', requests, requestsOf(world.contract, world.image), async (request) => {
      const status = await answered(world, request)
      count(request.route, status < 400)
    })

  const all: Parser[] = (await parsers(world.segment)).filter(({ name }) => name.includes(only))
  const weights = all.reduce((sum, { weight }) => sum + weight, 0)
  for (const { name, weight, attempt } of all)
    await search(name, Math.round(((runs - requests) * weight) / weights), attempt, async (attack) =>
      count(name, await attack()),
    )
  return { counts: [...counts.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), defects }
}

/** The old API has always returned 500 for bodies that are not a JSON object. */
const isOldApology = ({ route }: FuzzedRequest, body: string) =>
  route === 'POST /api/' && body.startsWith('Something wrong')

async function answered(world: World, request: FuzzedRequest): Promise<number> {
  const { path, method, headers, body, bytes, parts } = request
  const left = new AbortController()
  const form = new FormData()
  for (const [name, value, file] of parts ?? []) {
    if (file) form.append(name, new File([Buffer.from(value, 'base64')], 'photo.jpg'))
    else form.append(name, value)
  }
  const answer = await world.request(path, {
    ...{ method, headers, signal: left.signal },
    body:
      method === 'GET' || method === 'DELETE'
        ? null
        : parts
          ? form
          : bytes
            ? Buffer.from(bytes, 'base64')
            : (body ?? null),
  })
  const type = answer.headers.get('Content-Type') ?? ''
  try {
    if (type.startsWith('text/event-stream')) {
      await answer.body?.cancel()
      return answer.status
    }
    const said = await answer.text()
    if (answer.status >= 500 && !isOldApology(request, said) && request.route !== 'GET /readyz')
      throw defect(request, `${answer.status} ${said}`)
    if (answer.status >= 400 && type.startsWith('application/problem+json')) {
      const { code, status } = JSON.parse(said) as { code: string; status: number }
      if (!(code in problemKinds) || status !== answer.status)
        throw defect(request, `an unknown problem, ${said}`)
    }
    return answer.status
  } finally {
    left.abort()
  }
}

const defect = (request: FuzzedRequest, came: string) =>
  new Error(`${came.slice(0, 300)} for ${JSON.stringify(request).slice(0, 600)}`)

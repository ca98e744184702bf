/** Costs of social networks. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { dayOf, readSpending } from '../../adapters/social/ledger.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import type { ApiMetrics } from '../metrics.ts'
import { problemResponses } from '../schemas/problem.ts'
import { accountsOf } from '../social/accounts.ts'
import { rejectInvalid } from '../validation.ts'

const spending = z
  .object({
    network: z.string(),
    day: z.string().openapi({ description: 'UTC.', example: '2026-11-21' }),
    usd: z.number(),
    cap_usd: z.number().openapi({
      description: 'X_DAILY_BUDGET_USD. When it is reached, reading and replying stop until midnight UTC.',
    }),
    usd_per_answer: z
      .number()
      .nullable()
      .openapi({ description: 'Total cost of the day divided by its replies.' }),
    calls: z.record(z.string(), z.int()).openapi({ description: 'Paid calls, by kind.' }),
  })
  .openapi('Spending')
export type Spending = z.infer<typeof spending>

const getSpending = createRoute({
  method: 'get',
  path: '/v1/spending',
  tags: ['Social networks'],
  summary: 'Costs per day',
  request: {
    query: z.strictObject({
      days: z.coerce
        .number()
        .int()
        .min(1)
        .max(31)
        .default(1)
        .openapi({ description: 'Number of days, up to and including today.' }),
    }),
  },
  responses: {
    200: {
      description: 'By network, the newest day first',
      content: {
        'application/json': { schema: z.object({ data: z.array(spending) }).openapi('SpendingList') },
      },
    },
    ...problemResponses(401, 422, 503),
  },
})

export function spendingRoutes(deps: ApiDependencies, { metrics }: { metrics: ApiMetrics }) {
  const { store, environment } = deps
  const now = deps.now ?? Date.now

  const paid = () => accountsOf(environment).filter(({ isPaid }) => isPaid)
  const spentOn = (at: string) =>
    Promise.all(
      paid().map(async ({ network }) => {
        const { day, usd, calls } = await readSpending(store, network, at)
        const answers = calls.reply ?? 0
        return {
          network,
          day,
          usd: cents(usd),
          cap_usd: environment.dailyBudgetUsd,
          usd_per_answer: answers === 0 ? null : cents(usd / answers),
          calls: calls as Record<string, number>,
        }
      }),
    )
  metrics.spending(() => spentOn(dayOf(now())))

  return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid }).openapi(getSpending, async (c) => {
    const { days } = c.req.valid('query')
    const ages = Array.from({ length: days }, (_, age) => dayOf(now() - age * 86_400_000))
    return c.json({ data: (await Promise.all(ages.map(spentOn))).flat() }, 200)
  })
}

/** Rounds to hundredths of a cent, which hides the errors of binary fractions. */
const cents = (usd: number) => Math.round(usd * 10_000) / 10_000

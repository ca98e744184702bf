/** Runs attacks against a service and records their outcome, cost and leaks. */
import sharp from 'sharp'
import type { HostileCase } from './hostile-case.ts'
import { type Cost, startService } from './service.ts'
import { type Leak, startAttacker, type Target, targetAt } from './target.ts'

export interface Assault {
  run(attack: HostileCase): Promise<{ outcome: string; cpuSeconds: number }>
  /** Waits until memory is released, as far as it is. */
  settle(): Promise<void>
  account(): Promise<{ before: Cost; after: Cost; leaks: Leak[] }>
  /** Errors in the service's log. */
  errors(): string[]
  stop(): Promise<void>
}

/** Allowed memory relative to before; the report contains the figure. */
const backAt = 1.2

export async function startAssault(env: Record<string, string>): Promise<Assault> {
  const attacker = await startAttacker()
  const service = await startService({
    LOG_LEVEL: 'error',
    FETCH_ALLOW_HOSTS: attacker.host,
    ...env,
  })
  const leaks: Leak[] = []
  let current = 'warming up'
  const target = targetAt(service.site, attacker.serve, leaks, () => current)
  await warmUp(target)
  const before = await service.cost(true)
  let spent = before.cpuSeconds

  return {
    async run(one) {
      current = one.name
      const outcome = await one.attack(target)
      const { cpuSeconds } = await service.cost()
      const cost = cpuSeconds - spent
      spent = cpuSeconds
      return { outcome, cpuSeconds: cost }
    },
    async settle() {
      for (let look = 0; look < 20; look++) {
        const { rss } = await service.cost(true)
        if (rss < before.rss * backAt) return
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
    },
    account: async () => ({ before, after: await service.cost(true), leaks }),
    errors: () =>
      service
        .output()
        .split('\n')
        .filter((line) => line.startsWith('{') && /"level":(50|60)/.test(line)),
    async stop() {
      attacker.stop()
      await service.stop()
    },
  }
}

/** Memory kept after ordinary work is no attack's fault: decoders, buffers, compiled code. */
async function warmUp(target: Target): Promise<void> {
  const photo = sharp({ create: { width: 5_000, height: 4_000, channels: 3, background: '#852' } })
  for (const format of ['jpeg', 'png', 'webp'] as const)
    await target.resize(await photo.clone().toFormat(format).toBuffer())
  await target.resize(
    await sharp({ create: { width: 64, height: 64, channels: 3, background: '#852' } })
      .gif()
      .toBuffer(),
  )
  // Bodies of maximum size, in each way in which one is read.
  const large = Buffer.alloc(20 * 2 ** 20, 'QUJD').toString()
  for (let times = 0; times < 2; times++) {
    await target.upload(Buffer.from(large))
    await target.post('/v1/jobs', { type: 'resize', width: 9, input: { base64: large } })
    await target.post('/v1/tiles', { library: 'a', sources: [{ base64: large }] })
    await target.post('/api/', { image: large, width: 0, height: 9 })
    await target.resize(Buffer.from(large))
    await target.bulk(Buffer.from(large))
  }
}

#!/usr/bin/env node
/**
 * A container's health check; exit code 0 means healthy. With METRICS_PORT it checks that a worker polls its queues, otherwise
 * that the API is alive, but not that jobs can be processed: restarting the API would not bring back a worker.
 */
const { METRICS_PORT, PORT } = process.env
const signal = AbortSignal.timeout(4_000)

try {
  if (METRICS_PORT) {
    const metrics = await text(`http://127.0.0.1:${METRICS_PORT}/metrics`)
    if (!/^temporal_num_pollers\{.*\} [1-9]/m.test(metrics)) throw new Error('the worker polls no task queue')
  } else {
    await text(`http://127.0.0.1:${PORT || 3000}/healthz`)
  }
} catch (error) {
  console.error(error.cause?.message ?? error.message)
  process.exitCode = 1
}

async function text(url) {
  const answer = await fetch(url, { signal })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
  return await answer.text()
}

/** Finds or installs the real servers that the tests use. Each suite starts its own. */
import { access, constants, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { run } from './run.mjs'

/** Programs that are built with Go if they are missing. */
const built = [
  {
    program: 'versitygw',
    module: 'github.com/versity/versitygw/cmd/versitygw@v1.8.0',
    what: 'the S3 server of the tests',
    time: '2 minutes',
  },
  {
    program: 'kustomize',
    module: 'sigs.k8s.io/kustomize/kustomize/v5@v5.7.1',
    what: 'which renders the manifests of deploy/ for the tests',
    time: 'a minute',
  },
]

/** @returns variables for the environment of the tests */
export async function ensureTestServers() {
  // Imported here, because it may not be built when this file is loaded.
  const { cacheFolder } = await import('../dist/cli/package-root.js')
  const { findTemporal } = await import('../dist/cli/temporal/binary.js')
  const bin = join(cacheFolder(), 'bin')
  const env = { PATH: [process.env.PATH, bin, join(homedir(), 'go', 'bin')].filter(Boolean).join(delimiter) }

  await findTemporal({ cacheDir: cacheFolder(), env: { ...process.env, ...env }, say: console.log })
  for (const { program, module, what, time } of built) {
    if (await onPath(env.PATH, [program])) continue
    console.log(`Building ${program}, ${what}, once: about ${time} ...`)
    await mkdir(bin, { recursive: true })
    await run('go', ['install', module], { env: { ...process.env, GOBIN: bin } }).catch((error) => {
      throw new Error(
        error.code === 'ENOENT'
          ? `expected ${program}, ${what}, on PATH, and found no Go to build it with: https://go.dev/dl`
          : error.message,
      )
    })
  }
  await ensureFromSystem(env.PATH, ['redis-server'], 'redis-server', 'Redis')
  await ensureFromSystem(env.PATH, browsers, 'chromium', 'a browser')
  return env
}

const browsers = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome']

async function ensureFromSystem(path, programs, debianPackage, what) {
  if (await onPath(path, programs)) return
  const hint = `expected ${what} for the tests, found none of ${programs.join(', ')} on PATH`
  if (!(await onPath(path, ['apt-get']))) throw new Error(`${hint}. Install ${debianPackage} and start again`)
  console.log(`Installing ${debianPackage} for the tests ...`)
  const root = process.getuid?.() === 0
  const aptGet = (...words) =>
    run(root ? 'apt-get' : 'sudo', [...(root ? [] : ['-n', 'apt-get']), ...words], {
      quiet: true,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  try {
    await aptGet('update')
    await aptGet('install', '-y', '--no-install-recommends', debianPackage)
  } catch {
    throw new Error(`${hint}, and apt-get could not install it. Install ${debianPackage} and start again`)
  }
}

async function onPath(path, programs) {
  for (const folder of path.split(delimiter)) {
    for (const program of programs) {
      try {
        await access(join(folder, program), constants.X_OK)
        return join(folder, program)
      } catch {
        // Try the next one.
      }
    }
  }
  return undefined
}

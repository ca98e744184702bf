/** The real servers that the suites run against: found, or installed once. Each suite starts its own. */
import { access, constants, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { run } from './run.mjs'

const versitygw = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0'

/** Returns what the environment of the tests has to have. */
export async function ensureTestServers() {
  // Loaded here and not above: at that time it may not be built yet.
  const { cacheFolder } = await import('../dist/cli/package-root.js')
  const { findTemporal } = await import('../dist/cli/temporal-binary.js')
  const bin = join(cacheFolder(), 'bin')
  const env = { PATH: [process.env.PATH, bin, join(homedir(), 'go', 'bin')].filter(Boolean).join(delimiter) }

  await findTemporal({ cacheDir: cacheFolder(), env: { ...process.env, ...env }, say: console.log })
  if (!(await onPath(env.PATH, ['versitygw']))) {
    console.log('Building versitygw, the S3 server of the tests, once: about 2 minutes ...')
    await mkdir(bin, { recursive: true })
    await run('go', ['install', versitygw], { env: { ...process.env, GOBIN: bin } }).catch((error) => {
      throw new Error(
        error.code === 'ENOENT'
          ? 'expected an S3 server for the tests, there is no versitygw on PATH and no Go to build it with: https://go.dev/dl'
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
        // The next one.
      }
    }
  }
  return undefined
}

/** The `mosaicme` command. Loads only the command that is run: `--help` must not wait for Temporal's core. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { explain } from './explain.ts'
import { packageRoot } from './package-root.ts'

interface Entry {
  summary: string
  load: () => Promise<Command>
}

export const commands: Readonly<Record<string, Entry>> = {
  up: {
    summary: 'run everything on this machine: Temporal, workers, API and pages',
    load: async () => (await import('./commands/up.ts')).upCommand,
  },
  worker: {
    summary: 'serve some task queues of a Temporal server, alongside other workers',
    load: async () => (await import('./commands/worker.ts')).workerCommand,
  },
  mosaic: {
    summary: 'make a mosaic from a picture and a folder of tiles, without a server',
    load: async () => (await import('./commands/mosaic.ts')).mosaicCommand,
  },
  edit: {
    summary: 'change single tiles of a mosaic, and render only what changes',
    load: async () => (await import('./commands/edit.ts')).editCommand,
  },
  resize: {
    summary: 'resize files, folders and patterns, without a server or as one bulk job',
    load: async () => (await import('./commands/resize.ts')).resizeCommand,
  },
  fidelity: {
    summary: 'measure how close a mosaic comes to its target, whichever program made it',
    load: async () => (await import('./commands/fidelity.ts')).fidelityCommand,
  },
  tiles: {
    summary: 'add, list and remove the photos that mosaics are made of',
    load: async () => (await import('./commands/tiles.ts')).tilesCommand,
  },
  submit: {
    summary: 'submit a picture to a running mosaicme, for a mosaic or a resize',
    load: async () => (await import('./commands/submit.ts')).submitCommand,
  },
  get: {
    summary: 'show a job, or fetch its result',
    load: async () => (await import('./commands/get.ts')).getCommand,
  },
  watch: {
    summary: 'follow a job until it is finished',
    load: async () => (await import('./commands/watch.ts')).watchCommand,
  },
  replay: {
    summary: 'resume failed jobs at the step that failed',
    load: async () => (await import('./commands/replay.ts')).replayCommand,
  },
  restore: {
    summary: "resubmit the jobs that were running when Temporal's database was lost",
    load: async () => (await import('./commands/restore.ts')).restoreCommand,
  },
  listen: {
    summary: 'listen on a social network for posts that ask for mosaics',
    load: async () => (await import('./commands/listen.ts')).listenCommand,
  },
  collect: {
    summary: 'fill tile libraries with photos posted under hashtags',
    load: async () => (await import('./commands/collect.ts')).collectCommand,
  },
  inbox: {
    summary: 'watch a folder or a prefix for pictures',
    load: async () => (await import('./commands/inbox.ts')).inboxCommand,
  },
  spending: {
    summary: 'show what social networks have cost',
    load: async () => (await import('./commands/spending.ts')).spendingCommand,
  },
  deletions: {
    summary: 'look for deleted posts, and remove what was made from them',
    load: async () => (await import('./commands/deletions.ts')).deletionsCommand,
  },
  moderate: {
    summary: 'approve or reject waiting pictures, and block handles and words',
    load: async () => (await import('./commands/moderate.ts')).moderateCommand,
  },
  gallery: {
    summary: 'rebuild the gallery from the object store',
    load: async () => (await import('./commands/gallery.ts')).galleryCommand,
  },
  'codec-url': {
    summary: 'sign a URL with which the Temporal Web UI can decrypt payloads',
    load: async () => (await import('./commands/codec-url.ts')).codecUrlCommand,
  },
  keys: {
    summary: 'create API keys',
    load: async () => (await import('./commands/keys.ts')).keysCommand,
  },
}

export async function main(argv: readonly string[]): Promise<void> {
  try {
    // Variables of the shell take precedence over the file.
    if (existsSync('.env')) process.loadEnvFile('.env')
    const program = new Command('mosaicme')
      .description('Photomosaics and resized pictures as durable Temporal workflows.')
      .version(JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')).version)
      .showHelpAfterError('(mosaicme --help lists the commands)')
      .addHelpText(
        'after',
        `
Examples:
  mosaicme up --demo
  mosaicme mosaic photo.jpg --tiles ~/Pictures --out mosaic.jpg
  mosaicme <command> --help
`,
      )
    const asked = argv.find((word) => !word.startsWith('-'))
    const wanted = asked === 'help' ? argv[argv.indexOf('help') + 1] : asked
    for (const [name, { summary, load }] of Object.entries(commands)) {
      program.addCommand(name === wanted ? await load() : new Command(name).description(summary))
    }
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    console.error(explain(error))
    process.exitCode = 1
  }
}

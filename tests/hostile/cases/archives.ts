/** Zips for bulk jobs: zip bombs, and names that lead elsewhere. */
import sharp from 'sharp'
import { zip } from '../craft/zip.ts'
import type { HostileCase } from '../hostile-case.ts'

const photo = () =>
  sharp({ create: { width: 24, height: 24, channels: 3, background: '#a52' } })
    .png()
    .toBuffer()
const zeros = (megabytes: number) => Buffer.alloc(megabytes * 1e6)

const names: [what: string, name: string | Buffer, expected: HostileCase['expected']][] = [
  ['leads out of the folder', '../../../etc/cron.d/evil.png', 'failed invalid_zip'],
  ['is absolute', '/etc/passwd', 'failed invalid_zip'],
  ['is absolute on Windows', 'C:\\Windows\\evil.png', 'failed invalid_zip'],
  ['leads out by backslashes', '..\\..\\evil.png', 'failed invalid_zip'],
  ['has a NUL', 'evil\0.png', '1 made'],
  ['has Unicode of every kind', '🏳️‍🌈\u202egnp.\u0000e\u0301\u200b﷽.png', '1 made'],
  ['is not UTF-8', Buffer.from([0xff, 0xfe, 0x2e, 0x70, 0x6e, 0x67]), '1 made'],
  ['has 60,000 characters', `${'a'.repeat(60_000)}.png`, '1 made'],
  ['is __proto__', '__proto__', '1 made'],
]

export const archives: HostileCase[] = [
  ...names.map(
    ([what, name, expected]): HostileCase => ({
      name: `a zip of a picture whose name ${what}`,
      expected,
      attack: async (t) => await t.bulk(zip([{ name, data: await photo() }])),
    }),
  ),
  {
    name: 'a zip of 300 files of 19 MB that share their bytes: 5.7 GB in 40 KB',
    expected: 'failed zip_too_large',
    attack: (t) => {
      const data = zeros(19)
      return t.bulk(zip(Array.from({ length: 300 }, (_, n) => ({ name: `${n}.png`, data, overlaps: n > 0 }))))
    },
  },
  {
    name: 'a zip of a file that claims 1 KB and decompresses to 19 MB',
    expected: 'failed invalid_zip',
    attack: (t) => t.bulk(zip([{ name: 'a.png', data: zeros(19), claimedSize: 1_000 }])),
  },
  {
    name: 'a zip of a file that claims 4 GB',
    expected: '1 empty_input',
    attack: (t) => t.bulk(zip([{ name: 'a.png', data: zeros(1), claimedSize: 0xfffffffe }])),
  },
  {
    name: 'a zip of 20,000 empty files',
    expected: 'failed too_many_items',
    attack: (t) =>
      t.bulk(zip(Array.from({ length: 20_000 }, (_, n) => ({ name: `${n}`, data: Buffer.of() })))),
  },
  {
    name: 'a zip in a zip',
    expected: '1 not_an_image',
    attack: async (t) =>
      await t.bulk(zip([{ name: 'a.png', data: zip([{ name: 'b.png', data: await photo() }]) }])),
  },
  {
    name: 'a zip with a password',
    expected: 'failed invalid_zip',
    attack: async (t) => await t.bulk(zip([{ name: 'a.png', data: await photo(), flags: 0x801 }])),
  },
  {
    name: 'a zip of only folders and system files',
    expected: 'failed no_items',
    attack: (t) =>
      t.bulk(zip(['a/', '__MACOSX/a.png', '.hidden'].map((name) => ({ name, data: Buffer.of() })))),
  },
  {
    name: 'a truncated zip',
    expected: 'failed invalid_zip',
    attack: async (t) => {
      const whole = zip([{ name: 'a.png', data: await photo() }])
      return await t.bulk(whole.subarray(0, whole.length - 30))
    },
  },
  {
    name: 'a zip that is not a zip',
    expected: '422 invalid_request',
    attack: (t) => t.bulk(Buffer.from('Rar!\x1a\x07\0')),
  },
]

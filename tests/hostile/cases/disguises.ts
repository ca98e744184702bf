/** Files that are not what they claim, or two things at once. */
import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { gif } from '../craft/gif.ts'
import { segment, withSegments } from '../craft/jpeg.ts'
import { png, pngChunk } from '../craft/png.ts'
import { zip } from '../craft/zip.ts'
import type { HostileCase } from '../hostile-case.ts'
import { smuggled } from '../target.ts'

const photo = () =>
  sharp({ create: { width: 64, height: 48, channels: 3, background: '#a52' } })
    .jpeg()
    .toBuffer()
const script = `<script>alert("${smuggled}")</script>`

const svg = (inner: string, doctype = '') =>
  Buffer.from(
    `<?xml version="1.0"?>${doctype}<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64">${inner}</svg>`,
  )

const laughs = `<!DOCTYPE svg [<!ENTITY a "ha">${Array.from(
  { length: 20 },
  (_, n) => `<!ENTITY ${String.fromCharCode(98 + n)} "${`&${String.fromCharCode(97 + n)};`.repeat(10)}">`,
).join('')}]>`

const refusedSvg = (
  name: string,
  bytes: () => Uint8Array,
  expected = '422 unsupported_format',
): HostileCase => ({
  name,
  expected,
  attack: (t) => t.resize(bytes(), {}, { name: 'drawing.svg', type: 'image/svg+xml' }),
})

export const disguises: HostileCase[] = [
  refusedSvg('an SVG that reads /etc/passwd (XXE)', () =>
    svg('<text>&x;</text>', '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
  ),
  refusedSvg('an SVG that fetches from inside (XXE, image, style)', () =>
    svg(
      '<image href="http://169.254.169.254/latest/meta-data/"/><style>@import url(http://127.0.0.1/)</style>',
      '<!DOCTYPE svg SYSTEM "http://127.0.0.1/evil.dtd">',
    ),
  ),
  refusedSvg('an SVG with a script', () => svg(script)),
  refusedSvg('an SVG of a billion laughs', () => svg('<text>&u;</text>', laughs)),
  refusedSvg('an SVG of 1e9 x 1e9', () =>
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1e9" height="1e9"/>'),
  ),
  refusedSvg(
    'an SVG behind 4 KB of comments',
    () => Buffer.concat([Buffer.from(`<!--${' '.repeat(4096)}-->`), svg('')]),
    '422 not_an_image',
  ),
  refusedSvg('an SVG in UTF-16', () => Buffer.from(`\ufeff${svg('')}`, 'utf16le'), '422 not_an_image'),
  refusedSvg('an SVG in a gzip', () => gzipSync(svg(script)), '422 not_an_image'),
  ...(
    [
      [
        'an ImageMagick script',
        'push graphic-context\nimage over 0,0 0,0 "|touch /tmp/owned"',
        'not_an_image',
      ],
      ['an MSL script', '<?xml version="1.0"?><image><read filename="/etc/passwd"/></image>', 'not_an_image'],
      ['PostScript', '%!PS-Adobe-3.0\n(/etc/passwd) (r) file', 'not_an_image'],
      ['an HTML page', `<!doctype html>${script}`, 'not_an_image'],
      ['a PDF', '%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript>>>>', 'unsupported_format'],
      ['a program', '\x7fELF\x02\x01\x01', 'not_an_image'],
      ['a HEIC', '\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'unsupported_format'],
      ['an icon', '\0\0\x01\0\x01\0\x10\x10', 'unsupported_format'],
      ['a video', '\0\0\0\x18ftypisom\0\0\0\0isomiso2', 'unsupported_format'],
      ['a Photoshop file', '8BPS\0\x01\0\0\0\0\0\0', 'unsupported_format'],
    ] as const
  ).map(
    ([what, text, code]): HostileCase => ({
      name: `${what} as photo.jpg`,
      expected: `422 ${code}`,
      attack: (t) => t.resize(Buffer.from(text.padEnd(64, ' '), 'latin1')),
    }),
  ),
  {
    name: 'a PNG sent as evil.svg with an SVG content type',
    expected: 'succeeded',
    attack: (t) => t.resize(png({ width: 40, height: 40 }), {}, { name: 'evil.svg', type: 'image/svg+xml' }),
  },
  {
    name: 'a JPEG with an HTML content type',
    expected: '201',
    attack: async (t) => await t.upload(await photo(), 'text/html'),
  },
  {
    name: 'a GIF that is also JavaScript',
    expected: 'succeeded',
    attack: (t) => t.resize(gif(0x2f2a, 64, 1, `*/=1;alert("${smuggled}")//`), { format: 'gif' }),
  },
  {
    name: 'a JPEG followed by a zip',
    expected: 'succeeded',
    attack: async (t) =>
      await t.resize(Buffer.concat([await photo(), zip([{ name: smuggled, data: Buffer.from(smuggled) }])])),
  },
  {
    name: 'a JPEG with PHP in its comment',
    expected: 'succeeded',
    attack: async (t) =>
      await t.resize(withSegments(await photo(), segment(0xfe, Buffer.from(`<?php echo "${smuggled}"; ?>`)))),
  },
  {
    name: 'a PNG followed by HTML',
    expected: 'succeeded',
    attack: (t) =>
      t.resize(Buffer.concat([png({ width: 40, height: 40 }), Buffer.from(script)]), { format: 'png' }),
  },
  {
    name: 'a PNG with a script in a text chunk',
    expected: 'succeeded',
    attack: (t) =>
      t.resize(png({ width: 40, height: 40, extra: [pngChunk('tEXt', Buffer.from(`Comment\0${script}`))] }), {
        format: 'png',
        exif: 'keep',
      }),
  },
]

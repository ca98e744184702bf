/**
 * A PDF of one page with one JPEG, written as the JPEG is streamed: its length follows as an object of its
 * own (ISO 32000-1, 7.3.8.2 and 7.5). So little of PDF is needed that no library has to hold the picture in
 * memory.
 */

/** PDF's unit. */
export const pointsOfMm = 72 / 25.4

export interface PdfPage {
  /** Points. */
  width: number
  height: number
  picture: {
    /** Pixels. */
    columns: number
    rows: number
    /** Position on the page from the lower left, points. */
    box: { x: number; y: number; width: number; height: number }
  }
}

export async function* pdfOfJpeg(page: PdfPage, jpeg: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { picture } = page
  const offsets: number[] = []
  let written = 0
  const bytes = (text: string) => Buffer.from(text, 'latin1')
  const counted = (chunk: Uint8Array) => {
    written += chunk.length
    return chunk
  }
  /** Objects are numbered from 1 in the order of writing. */
  const begin = (text: string) => {
    offsets.push(written)
    return counted(bytes(`${offsets.length} 0 obj\n${text}`))
  }
  const { x, y, width, height } = picture.box
  const paint = `q ${points(width)} 0 0 ${points(height)} ${points(x)} ${points(y)} cm /Picture Do Q`

  // The second line marks the file as binary.
  yield counted(bytes('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n'))
  yield begin('<< /Type /Catalog /Pages 2 0 R >>\nendobj\n')
  yield begin('<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n')
  yield begin(
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${points(page.width)} ${points(page.height)}] /Contents 4 0 R ` +
      '/Resources << /XObject << /Picture 5 0 R >> >> >>\nendobj\n',
  )
  yield begin(`<< /Length ${paint.length} >>\nstream\n${paint}\nendstream\nendobj\n`)
  yield begin(
    `<< /Type /XObject /Subtype /Image /Width ${picture.columns} /Height ${picture.rows} /ColorSpace /DeviceRGB ` +
      '/BitsPerComponent 8 /Filter /DCTDecode /Length 6 0 R >>\nstream\n',
  )
  const start = written
  for await (const chunk of jpeg) yield counted(chunk)
  const length = written - start
  yield counted(bytes('\nendstream\nendobj\n'))
  yield begin(`${length}\nendobj\n`)
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const size = offsets.length + 1
  yield bytes(
    `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${written}\n%%EOF\n`,
  )
}

const points = (value: number) => String(Math.round(value * 1000) / 1000)

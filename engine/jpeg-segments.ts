/** Codes of markers, ITU-T T.81, table B.1. */
export const marker = {
  startOfFrame: 0xc0,
  huffmanTables: 0xc4,
  startOfScan: 0xda,
  restartInterval: 0xdd,
  firstRestart: 0xd0,
  end: 0xd9,
}

export interface Segment {
  /** One of {@link marker}, or another. */
  kind: number
  /** Offset of its marker. */
  at: number
  /** One past its last byte. */
  end: number
}

/** The segments of a JPEG from its encoder, up to its scan header. */
export function* segmentsOf(jpeg: Uint8Array): Generator<Segment> {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength)
  let end: number
  for (let at = 2; at + 4 <= jpeg.length; at = end) {
    const kind = view.getUint8(at + 1)
    end = at + 2 + view.getUint16(at + 2)
    yield { kind, at, end }
    if (kind === marker.startOfScan) return
  }
}

import proto from '@temporalio/proto'
import { expect, it } from 'vitest'
import { momentOf } from '../../adapters/timestamp.ts'

const { Timestamp } = proto.google.protobuf

it.each([
  [{ seconds: 1_795_000_000, nanos: 123_999_999 }, '2026-11-18T11:06:40.123Z'],
  [{ seconds: 1_795_000_000 }, '2026-11-18T11:06:40.000Z'],
  // Go's zero time.
  [{ seconds: -62_135_596_800 }, undefined],
  [{}, undefined],
])('%j, as protobuf brings it, is %s', (time, moment) =>
  expect(momentOf(Timestamp.fromObject(time))?.toISOString()).toBe(moment),
)

it('nothing is no moment', () =>
  expect([momentOf(null), momentOf(undefined)]).toEqual([undefined, undefined]))

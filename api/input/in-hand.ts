import pLimit from 'p-limit'

/** Limits how many pictures are inspected and stored at a time, over all requests: each is held in memory. */
export const inHand = pLimit(8)

import pLimit from 'p-limit'

/** Pictures that are looked at and stored at once, over all requests: each is held in memory meanwhile. */
export const inHand = pLimit(8)

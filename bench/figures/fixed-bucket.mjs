import { forSeedsAtOnce, goodputRow, pacedRun } from '../support/paced-run.mjs';

const BUCKET = { perSecond: 1, burst: 10 };
const DOCUMENTS = 180;

export const fixedBucket = {
  name: 'fixed-bucket',
  what: 'a token bucket of 60 calls per minute with bursts of 10, 429 without a hint, 180 documents, latency 0.75 s, `--concurrency 5`: goodput over what the bucket gives, bursts included; share of refused calls; the worst of five runs',
  target: '0.90 or more',
  isLong: true,
  async measure(bench) {
    const plan = { latency: 0.75, ...BUCKET };
    const runs = await forSeedsAtOnce(() => pacedRun(bench, { documents: DOCUMENTS, plan, concurrency: 5 }));
    const shares = runs.map(({ answered, goodput }) => {
      const seconds = answered / goodput;
      return answered / (BUCKET.burst + seconds * BUCKET.perSecond);
    });
    return goodputRow(shares, runs);
  },
};

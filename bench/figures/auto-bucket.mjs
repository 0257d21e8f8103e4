import { forSeedsAtOnce, goodputRow, pacedRun } from '../support/paced-run.mjs';

const BUCKET = { perSecond: 10, burst: 10 };
const DOCUMENTS = 1000;

export const autoBucket = {
  name: 'auto-bucket',
  what: '`auto` against a token bucket of 10 calls per second with bursts of 10, 429 without a hint, 1,000 documents, latency 400 ms: goodput over what the bucket gives, bursts included; share of refused calls; the worst of five runs',
  target: '0.95 or more; 5 % or less',
  isLong: true,
  async measure(bench) {
    const plan = { latency: 0.4, ...BUCKET };
    const runs = await forSeedsAtOnce(() => pacedRun(bench, { documents: DOCUMENTS, plan, concurrency: 'auto' }));
    const shares = runs.map(({ answered, goodput }) => {
      const seconds = answered / goodput;
      return answered / (BUCKET.burst + seconds * BUCKET.perSecond);
    });
    return goodputRow(shares, runs);
  },
};

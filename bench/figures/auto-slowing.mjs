import { bestGoodput, forSeeds, goodputRow, pacedRun } from '../support/paced-run.mjs';

const RUN = { documents: 4000, plan: { latency: 0.25, slowsFrom: 30 } };
/** The best is 23.8. */
const FIXED = [20, 24, 28];

export const autoSlowing = {
  name: 'auto-slowing',
  what: '`auto` against a server whose latency grows with the calls n that it works on, as 250 ms x (1 + (n / 30)^3), 4,000 documents: goodput over that of the best fixed N (24 of 20, 24, 28); the worst of five runs',
  target: '0.96 or more',
  isLong: true,
  async measure(bench) {
    const best = await bestGoodput(bench, RUN, FIXED);
    const runs = await forSeeds(() => pacedRun(bench, { ...RUN, concurrency: 'auto' }));
    const shares = runs.map(({ goodput }) => goodput / best);
    return goodputRow(shares, runs);
  },
};

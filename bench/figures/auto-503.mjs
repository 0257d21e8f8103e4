import { bestGoodput, forSeeds, goodputRow, pacedRun } from '../support/paced-run.mjs';

const CAPACITY = 30;
const RUN = { documents: 2500, plan: { latency: 0.4, capacity: CAPACITY, status: 503 } };

export const auto503 = {
  name: 'auto-503',
  what: '`--concurrency auto` against a server that takes 30 at once and answers 503 above it, 2,500 documents, latency 400 ms: goodput over that of the best fixed N; share of refused calls; the worst of five runs',
  target: '0.92 or more',
  isLong: true,
  async measure(bench) {
    const best = await bestGoodput(bench, RUN, [CAPACITY - 1, CAPACITY]);
    const runs = await forSeeds(() => pacedRun(bench, { ...RUN, concurrency: 'auto' }));
    const shares = runs.map(({ goodput }) => goodput / best);
    return goodputRow(shares, runs);
  },
};

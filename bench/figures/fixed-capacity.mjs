import { bestGoodput, forSeeds, goodputRow, pacedRun } from '../support/paced-run.mjs';

const CAPACITY = 40;
const RUN = { documents: 4000, plan: { latency: 0.4, capacity: CAPACITY } };

export const fixedCapacity = {
  name: 'fixed-capacity',
  what: `\`--concurrency 80\` against a server that takes ${CAPACITY} at once and answers 429 above it, 4,000 documents, latency 400 ms: goodput over that of the best fixed N; share of refused calls; the worst of five runs`,
  target: '0.95 or more; 3 % or less',
  isLong: true,
  async measure(bench) {
    const best = await bestGoodput(bench, RUN, [CAPACITY - 2, CAPACITY]);
    const runs = await forSeeds(() => pacedRun(bench, { ...RUN, concurrency: 2 * CAPACITY }));
    const shares = runs.map(({ goodput }) => goodput / best);
    return goodputRow(shares, runs);
  },
};

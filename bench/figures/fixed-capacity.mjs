import { besideBest } from '../support/paced-run.mjs';

const CAPACITY = 40;
const RUN = { documents: 4000, plan: { latency: 0.4, capacity: CAPACITY } };

export const fixedCapacity = {
  name: 'fixed-capacity',
  what: '`--concurrency 80` against a server that takes 40 at once and answers 429 above it, 4,000 documents, latency 400 ms: goodput over that of `--concurrency 40` beside it; share of refused calls; the worst of five runs',
  target: '0.95 or more; 3 % or less',
  isLong: true,
  measure: (bench) => besideBest(bench, RUN, { best: CAPACITY, concurrency: 2 * CAPACITY }),
};

import { besideBest } from '../support/paced-run.mjs';

const CAPACITY = 30;
const RUN = { documents: 2500, plan: { latency: 0.4, capacity: CAPACITY, status: 503 } };

export const auto503 = {
  name: 'auto-503',
  what: '`--concurrency auto` against a server that takes 30 at once and answers 503 above it, 2,500 documents, latency 400 ms: goodput over that of `--concurrency 30` beside it; share of refused calls; the worst of five runs',
  target: '0.92 or more',
  isLong: true,
  measure: (bench) => besideBest(bench, RUN, { best: CAPACITY, concurrency: 'auto' }),
};

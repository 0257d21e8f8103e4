import { measureOverIdeal } from '../support/over-ideal.mjs';

export const latency = {
  name: 'latency',
  what: '10,000 documents, latency 100 to 300 ms, concurrency 100: wall time over (documents x mean latency / concurrency)',
  target: '1.045 or less',
  measure: (bench) =>
    measureOverIdeal(bench, { documents: 10_000, latency: [0.1, 0.3], concurrency: 100, runs: bench.runs }),
};

import { measureOverIdeal } from '../support/over-ideal.mjs';

export const longLatency = {
  name: 'long-latency',
  what: '20,000 documents, latency 2 to 6 s, concurrency 500: the same (perfect scheduling alone gives about 1.03)',
  target: '1.06 or less',
  isLong: true,
  measure: (bench) => measureOverIdeal(bench, { documents: 20_000, latency: [2, 6], concurrency: 500, runs: 1 }),
};

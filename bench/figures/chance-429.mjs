import { measureChance } from '../support/over-no-faults.mjs';

export const chance429 = {
  name: 'chance-429',
  what: '3 % of the calls answered 429 by chance, 400 documents, latency 0.75 s, `--concurrency 5`: wall time over that of the same run without faults, the worst of five seeds',
  target: '1.15 or less',
  isLong: true,
  measure: (bench) => measureChance(bench, { 429: 0.03 }),
};

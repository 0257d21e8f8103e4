import { besideBest } from '../support/paced-run.mjs';

const RUN = { documents: 4000, plan: { latency: 0.25, slowsFrom: 30 } };
/** n / (1 + (n / 30)^3) is largest at 23.8. */
const BEST = 24;

export const autoSlowing = {
  name: 'auto-slowing',
  what: '`auto` against a server whose latency grows with the calls n that it works on, as 250 ms x (1 + (n / 30)^3), 4,000 documents: goodput over that of the best fixed N, 24, beside it; the worst of five runs',
  target: '0.96 or more',
  isLong: true,
  measure: (bench) => besideBest(bench, RUN, { best: BEST, concurrency: 'auto' }),
};

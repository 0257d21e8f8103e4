import { measureChance } from '../support/over-no-faults.mjs';

export const chance503 = {
  name: 'chance-503',
  what: 'the same with 5 % 503 and 3 % 429',
  target: '1.35 or less',
  isLong: true,
  measure: (bench) => measureChance(bench, { 503: 0.05, 429: 0.03 }),
};

import { measureOverFloor } from '../support/over-floor.mjs';

export const overhead = {
  name: 'overhead',
  what: '5,000 documents of 2 kB, no latency, concurrency 50, `--no-stream`: wall time over that of the floor',
  target: '1.90 or less',
  measure: (bench) => measureOverFloor(bench, '--no-stream'),
};

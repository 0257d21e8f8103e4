import { measureOverFloor } from '../support/over-floor.mjs';

export const streamed = {
  name: 'streamed',
  what: 'the same, streamed, over the floor streamed',
  target: '1.90 or less',
  measure: (bench) => measureOverFloor(bench, '--stream'),
};

import { forSeeds, goodputRow, pacedRun } from '../support/paced-run.mjs';

const LATENCY = 0.4;
const CAPACITY = [15, 50];
const TURN = 15;
const SECONDS = 4 * TURN;
const POSSIBLE = (2 * TURN * (CAPACITY[0] + CAPACITY[1])) / LATENCY;

export const autoTurns = {
  name: 'auto-turns',
  what: '`auto` against a server that takes 15 and 50 at once in turns of 15 s, 429 above, latency 400 ms, for 60 s: answers over those of a pace that knows all; share of refused calls; the worst of five runs',
  target: '0.75 or more',
  isLong: true,
  async measure(bench) {
    const plan = { latency: LATENCY, capacity: CAPACITY, turn: TURN };
    const run = { documents: POSSIBLE * 1.1, plan, concurrency: 'auto', seconds: SECONDS };
    const runs = await forSeeds(() => pacedRun(bench, run));
    const shares = runs.map(({ answered }) => answered / POSSIBLE);
    return goodputRow(shares, runs);
  },
};

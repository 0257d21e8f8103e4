import { crashLabels } from '../../../src/run/crash-points.ts';
import { inLanes } from '../in-lanes.ts';
import { runTrial } from '../run-trial.ts';
import { Sums } from '../sums.ts';
import { planTrial } from '../trial.ts';
import type { Part, Row } from './part.ts';

const SAY_EVERY = 50;

/** Kills the program at its labelled points and at random moments. */
export const kills: Part = async ({ trials, trial, seed, say, tell }) => {
  const sums = new Sums();
  const numbers = trial === null ? Array.from({ length: trials }, (_, index) => index) : [trial];
  await inLanes(numbers, async (number, simulator) => {
    const outcome = await runTrial(planTrial(seed, number, crashLabels), simulator);
    sums.add(outcome);
    tell(outcome.findings, `--seed ${seed} --trial ${number}, kept in ${outcome.kept}`);
    if (sums.trials % SAY_EVERY === 0) say(`${sums.trials} trials, ${sums.kills} kills`);
  });
  return rowsOf(sums);
};

function rowsOf(sums: Sums): readonly Row[] {
  return [
    ['trials', sums.trials, ''],
    ['kills', sums.kills, ''],
    ['kills that came too late', sums.missed, ''],
    ['files that a reader read meanwhile', sums.reads, ''],
    ['lost, in two states, or seen in part', sums.count('lost'), '0'],
    ['billed twice and not reported', sums.count('paid'), '0'],
    ['billed twice because of a kill, and reported', sums.reportedTwice, `at most ${sums.inFlight}`],
    ['calls in flight at all kills', sums.inFlight, ''],
    ['calls in flight at a kill, at most', sums.mostInFlight, ''],
    ['otherwise wrong', sums.count('wrong'), '0'],
  ];
}

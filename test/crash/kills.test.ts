import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { crashLabels } from '../../src/run/crash-points.ts';
import { runTrial } from './run-trial.ts';
import { SimulatorProcess } from './simulator-process.ts';
import { planTrial, planTrialAt, type Trial } from './trial.ts';

jest.setTimeout(120_000);

const SEED = 1;
const MOMENTS = 2;

/** Each label once, two in a trial, and a few random moments. */
const trials: readonly Trial[] = [
  ...inPairs(crashLabels).map((labels) => planTrialAt(SEED, labels)),
  ...Array.from({ length: MOMENTS }, (_, index) => planTrial(SEED, 2 * index + 1, [])),
];

describe('a process that is killed', () => {
  let simulator: SimulatorProcess;

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
  });

  afterAll(() => simulator.stop());

  test.each(trials.map((trial) => [describeKills(trial), trial] as const))('at %s', async (_kills, trial) => {
    const { findings, missed, kept } = await runTrial(trial, simulator);
    const isSure = trial.kills.every(({ at }) => at === 'point');
    expect({ findings, kept, missed }).toEqual({ findings: [], kept: null, missed: isSure ? 0 : missed });
  });
});

function describeKills({ kills }: Trial): string {
  return kills
    .map((kill) => (kill.at === 'point' ? kill.point : `${kill.ms} ms after its ${kill.after}`))
    .join(', then at ');
}

function inPairs<Value>(values: readonly Value[]): readonly (readonly Value[])[] {
  return values.flatMap((_, index) => (index % 2 === 0 ? [values.slice(index, index + 2)] : []));
}

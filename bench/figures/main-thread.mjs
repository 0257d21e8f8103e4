import { inTurn } from '../support/in-turn.mjs';
import { pairWithFloor, runFloor } from '../support/pair-with-floor.mjs';
import { startSimulator } from '../support/simulator.mjs';
import { describe } from '../support/statistics.mjs';
import { createWorkspace } from '../support/workspace.mjs';

const HOW = { concurrency: 50, flag: '--no-stream' };
/** Starting, and the first documents, which are slow for every program, are in both and so not in the difference. */
const SIZES = [500, 5000];

export const mainThread = {
  name: 'main-thread',
  what: `processor time of the main thread per document over that of the floor, no latency, concurrency 50, \`--no-stream\`, start-up excluded (${SIZES.join(' documents off ')})`,
  target: '2.00 or less',
  async measure(bench) {
    const timing = { ...bench, timesMainThread: true };
    const workspaces = SIZES.map((documents) => createWorkspace(bench, bench.scaled(documents)));
    const [few, many] = workspaces;
    const simulator = await startSimulator(bench);
    await runFloor(bench, many, simulator, HOW); // warms the file cache and the simulator
    const rounds = await inTurn(bench.runs, () =>
      inTurn(workspaces.length, (index) => pairWithFloor(timing, workspaces[index], simulator, HOW)),
    );
    await simulator.stop();
    const microseconds = (program) =>
      rounds.map(
        ([small, large]) =>
          ((large[program].mainThreadSeconds - small[program].mainThreadSeconds) * 1e6) /
          (many.documents - few.documents),
      );
    const [sluice, floor] = [microseconds('sluice'), microseconds('floor')];
    const withStart = rounds.map(([, pair]) => pair.sluice.mainThreadSeconds / pair.floor.mainThreadSeconds);
    return {
      measured: describe(sluice.map((time, round) => time / floor[round])),
      raw: `sluice ${describe(sluice, 0)} µs; floor ${describe(floor, 0)} µs; start-up included ${describe(withStart)}`,
    };
  },
};

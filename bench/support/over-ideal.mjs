import { inTurn } from './in-turn.mjs';
import { pairWithFloor } from './pair-with-floor.mjs';
import { startSimulator } from './simulator.mjs';
import { describe, median } from './statistics.mjs';
import { createWorkspace } from './workspace.mjs';

/** Wall time of sluice, and in turn with it that of the floor, over documents x mean latency / concurrency. */
export async function measureOverIdeal(bench, { documents, latency, concurrency, runs }) {
  const workspace = createWorkspace(bench, bench.scaled(documents));
  const simulator = await startSimulator(bench, { latency });
  const ideal = (workspace.documents * median(latency)) / concurrency;
  const pairs = await inTurn(runs, () => pairWithFloor(bench, workspace, simulator, { concurrency, flag: '--stream' }));
  await simulator.stop();
  const [floors, sluices] = ['floor', 'sluice'].map((name) => pairs.map((pair) => pair[name].seconds));
  const overIdeal = (seconds) =>
    describe(
      seconds.map((wall) => wall / ideal),
      3,
    );
  return {
    measured: overIdeal(sluices),
    raw: `ideal ${ideal.toFixed(2)} s; sluice ${describe(sluices)} s; floor ${describe(floors)} s = ${overIdeal(floors)}`,
  };
}

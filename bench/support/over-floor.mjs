import { inTurn } from './in-turn.mjs';
import { pairWithFloor, runFloor } from './pair-with-floor.mjs';
import { startSimulator } from './simulator.mjs';
import { describe, median } from './statistics.mjs';
import { createWorkspace } from './workspace.mjs';

/** 5,000 documents without latency, in turn by the floor and by sluice: wall time over the floor's, of the medians. */
export async function measureOverFloor(bench, flag) {
  const workspace = createWorkspace(bench, bench.scaled(5000));
  const simulator = await startSimulator(bench);
  const how = { concurrency: 50, flag };
  await runFloor(bench, workspace, simulator, how); // warms the file cache and the simulator
  const pairs = await inTurn(bench.runs, () => pairWithFloor(bench, workspace, simulator, how));
  await simulator.stop();
  const floors = pairs.map(({ floor }) => floor.seconds);
  const sluices = pairs.map(({ sluice }) => sluice.seconds);
  return {
    measured: (median(sluices) / median(floors)).toFixed(2),
    raw: `sluice ${describe(sluices)} s; floor ${describe(floors)} s; by pair ${describe(pairs.map(({ sluice, floor }) => sluice.seconds / floor.seconds))}`,
  };
}

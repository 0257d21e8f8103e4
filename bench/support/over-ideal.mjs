import { inTurn } from './in-turn.mjs';
import { FLOOR } from './peers.mjs';
import { runPeer } from './run-peer.mjs';
import { startSimulator } from './simulator.mjs';
import { runOnce } from './sluice.mjs';
import { describe, median } from './statistics.mjs';
import { createWorkspace } from './workspace.mjs';

/** Wall time of sluice, and of one run of the floor, over documents x mean latency / concurrency. */
export async function measureOverIdeal(bench, { documents, latency, concurrency, runs }) {
  const workspace = createWorkspace(bench, bench.scaled(documents));
  const simulator = await startSimulator(bench, { latency });
  const ideal = (workspace.documents * median(latency)) / concurrency;
  const floor = (await runPeer(bench, FLOOR, workspace, simulator, concurrency)).seconds;
  const seconds = await inTurn(runs, async () => {
    workspace.forget();
    return (await runOnce(bench, workspace, simulator, '--concurrency', concurrency)).seconds;
  });
  await simulator.stop();
  return {
    measured: describe(
      seconds.map((wall) => wall / ideal),
      3,
    ),
    raw: `ideal ${ideal.toFixed(2)} s; sluice ${describe(seconds)} s; floor ${floor.toFixed(2)} s = ${(floor / ideal).toFixed(3)}`,
  };
}

import { inTurn } from './in-turn.mjs';
import { FLOOR } from './peers.mjs';
import { runPeer } from './run-peer.mjs';
import { startSimulator } from './simulator.mjs';
import { runOnce } from './sluice.mjs';
import { describe, median } from './statistics.mjs';
import { createWorkspace } from './workspace.mjs';

const CONCURRENCY = 50;

/** 5,000 documents without latency, in turn by the floor and by sluice: wall time over the floor's, of the medians. */
export async function measureOverFloor(bench, flag) {
  const workspace = createWorkspace(bench, bench.scaled(5000));
  const simulator = await startSimulator(bench);
  const floor = async () => {
    workspace.forget();
    return (await runPeer(bench, FLOOR, workspace, simulator, CONCURRENCY, flag)).seconds;
  };
  const sluice = async () => {
    workspace.forget();
    return (await runOnce(bench, workspace, simulator, flag, '--concurrency', CONCURRENCY)).seconds;
  };
  await floor(); // warms the file cache and the simulator
  const pairs = await inTurn(bench.runs, async () => ({ floor: await floor(), sluice: await sluice() }));
  await simulator.stop();
  const floors = pairs.map((pair) => pair.floor);
  const sluices = pairs.map((pair) => pair.sluice);
  return {
    measured: (median(sluices) / median(floors)).toFixed(2),
    raw: `sluice ${describe(sluices)} s; floor ${describe(floors)} s; by pair ${describe(pairs.map((pair) => pair.sluice / pair.floor))}`,
  };
}

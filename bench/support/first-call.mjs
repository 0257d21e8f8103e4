import { poll } from './poll.mjs';
import { startSimulator } from './simulator.mjs';
import { startOnce } from './sluice.mjs';

/** Seconds. With slow answers the first call is still among those that the simulator remembers when it is asked. */
const SLOW = 2;

/** Seconds from the start of a `--once` run over a new workspace to the arrival of its first call. */
export async function secondsToFirstCall(bench, workspace, ...flags) {
  workspace.forget();
  const simulator = await startSimulator(bench, { latency: SLOW });
  const sluice = startOnce(bench, workspace, simulator, ...flags);
  const requests = await poll('the first call', async () => {
    const seen = await simulator.requests();
    return seen.length > 0 && seen;
  });
  await sluice.stop('SIGKILL');
  await simulator.stop();
  workspace.forget();
  return (requests[0].at - sluice.spawnedAt) / 1000;
}

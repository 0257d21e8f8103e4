import { inTurn } from './in-turn.mjs';
import { poll } from './poll.mjs';
import { startSimulator } from './simulator.mjs';
import { runOnce, startOnce } from './sluice.mjs';
import { createWorkspace } from './workspace.mjs';

const CONCURRENCY = ['--concurrency', '50'];
/** Seconds. With slow answers the first call is still among those that the simulator remembers when it is asked. */
const SLOW = 2;

async function secondsToFirstCall(bench, workspace) {
  const simulator = await startSimulator(bench, { latency: SLOW });
  const sluice = startOnce(bench, workspace, simulator, ...CONCURRENCY);
  const requests = await poll('the first call', async () => {
    const seen = await simulator.requests();
    return seen.length > 0 && seen;
  });
  await sluice.stop('SIGKILL');
  await simulator.stop();
  workspace.forget();
  return (requests[0].at - sluice.spawnedAt) / 1000;
}

/**
 * 100,000 documents in one folder, all answered by one `--once` run, with the figures of its start.
 * Done once for a bench: two figures rest on it. The simulator stays, because a result counts for its API alone.
 */
export async function finishLargeInbox(bench) {
  bench.largeInbox ??= (async () => {
    const workspace = createWorkspace(bench, bench.scaled(100_000));
    const firstCalls = await inTurn(bench.runs, () => secondsToFirstCall(bench, workspace));
    const simulator = await startSimulator(bench);
    const whole = await runOnce(bench, workspace, simulator, ...CONCURRENCY);
    return { workspace, simulator, firstCalls, whole };
  })();
  return await bench.largeInbox;
}

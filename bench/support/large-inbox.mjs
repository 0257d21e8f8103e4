import { secondsToFirstCall } from './first-call.mjs';
import { inTurn } from './in-turn.mjs';
import { startSimulator } from './simulator.mjs';
import { runOnce } from './sluice.mjs';
import { createWorkspace } from './workspace.mjs';

const CONCURRENCY = ['--concurrency', '50'];

/** Answers all documents of a workspace. The simulator stays: a result counts for its API alone. */
export async function finish(bench, workspace) {
  const simulator = await startSimulator(bench);
  const whole = await runOnce(bench, workspace, simulator, ...CONCURRENCY);
  return { workspace, simulator, whole };
}

/**
 * 100,000 documents in one folder, all answered by one `--once` run, with the figures of its start.
 * Done once for a bench: several figures rest on it.
 */
export async function finishLargeInbox(bench) {
  bench.largeInbox ??= (async () => {
    const workspace = createWorkspace(bench, bench.scaled(100_000));
    const firstCalls = await inTurn(bench.runs, () => secondsToFirstCall(bench, workspace, ...CONCURRENCY));
    return { firstCalls, ...(await finish(bench, workspace)) };
  })();
  return await bench.largeInbox;
}

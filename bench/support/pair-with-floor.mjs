import { FLOOR } from './peers.mjs';
import { runPeer } from './run-peer.mjs';
import { runOnce } from './sluice.mjs';

/** The same work by the floor and then by sluice: the figures of both. */
export async function pairWithFloor(bench, workspace, server, { concurrency, flag }) {
  const floor = await runFloor(bench, workspace, server, { concurrency, flag });
  workspace.forget();
  return { floor, sluice: await runOnce(bench, workspace, server, flag, '--concurrency', concurrency) };
}

export async function runFloor(bench, workspace, server, { concurrency, flag }) {
  workspace.forget();
  return await runPeer(bench, FLOOR, workspace, server, concurrency, flag);
}

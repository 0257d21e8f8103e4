import { fileURLToPath } from 'node:url';
import { launch } from './processes.mjs';

/** A peer over a workspace: wall and CPU seconds and peak memory, spawn to exit. Rejects where an answer is missing. */
export async function runPeer(bench, peer, workspace, simulator, concurrency, ...flags) {
  const args = [fileURLToPath(peer.script), simulator.url, workspace.root, concurrency, ...(peer.more ?? []), ...flags];
  const { code, complaint, stdout, ...figures } = await launch(bench, args, peer.program).ended;
  if (code !== 0) throw new Error(`${peer.name} ended with ${code}: ${complaint || stdout.slice(-2000)}`);
  if (!peer.filesNothing && !workspace.names.every(workspace.hasResult))
    throw new Error(`${peer.name} left documents without an answer`);

  return figures;
}

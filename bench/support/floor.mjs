import { fileURLToPath } from 'node:url';
import { launch } from './processes.mjs';

const FLOOR = fileURLToPath(new URL('../floor.mjs', import.meta.url));

/** The bare loop over a workspace. Gives its wall seconds, spawn to exit. */
export async function runFloor(bench, workspace, simulator, concurrency) {
  const { code, seconds, complaint } = await launch(bench, [FLOOR, simulator.url, workspace.root, concurrency]).ended;
  if (code !== 0) throw new Error(`the floor ended with ${code}: ${complaint}`);
  return seconds;
}

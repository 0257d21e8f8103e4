import { fileURLToPath } from 'node:url';
import { firstLine } from './first-line.mjs';
import { launch } from './processes.mjs';

const SCRIPT = fileURLToPath(new URL('serve-answers.mjs', import.meta.url));

/** The server of `serve-answers.mjs` in a process of its own; `flags` are its. */
export async function startAnsweringServer(bench, ...flags) {
  const server = launch(bench, [SCRIPT, ...flags]);
  const origin = (await firstLine(server)).trim();
  return {
    url: `${origin}/v1`,
    /** All calls so far: when each came and ended, and whether it was answered. */
    calls: async () => (await fetch(`${origin}/calls`)).json(),
    stop: () => server.stop('SIGKILL'),
  };
}

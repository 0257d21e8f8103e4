import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstLine } from './first-line.mjs';
import { launch } from './processes.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

async function ask(url, request) {
  const reply = await fetch(url, request);
  if (!reply.ok) throw new Error(`the simulator answered ${reply.status}: ${await reply.text()}`);
  return reply;
}

/** The simulator in a process of its own. `plan` is its fault plan: latency, faults, limits, seed. */
export async function startSimulator(bench, plan = {}) {
  const folder = temporaryFolder(bench.resources);
  const planFile = join(folder.path, 'plan.json');
  writeFileSync(planFile, JSON.stringify(plan));
  const simulator = launch(bench, [bench.program, 'simulate', '--port', '0', '--faults', planFile]);
  const url = /http:\/\/\S+/.exec(await firstLine(simulator))[0];
  folder.remove();
  const admin = (path, request) => ask(new URL(`/admin/${path}`, url), request);
  return {
    url,
    /** The last 1,000 chat calls, oldest first; `at` is the time of arrival in milliseconds since the epoch. */
    requests: async () => (await admin('requests')).json(),
    /** What it was asked to do so far: calls, answered and refused, in all and second by second. */
    load: async () => (await admin('load')).json(),
    forgetLoad: async () => void (await admin('load', { method: 'DELETE' })),
    /** Another plan from the next call on. */
    follow: async (other) => void (await admin('plan', { method: 'PUT', body: JSON.stringify(other) })),
    stop: () => simulator.stop('SIGKILL'),
  };
}

import { setTimeout } from 'node:timers/promises';
import { poll } from './poll.mjs';
import { cpuSeconds } from './processes.mjs';

const CALM_SHARE = 0.02;

/** CPU seconds that a process uses in this many seconds, and the seconds that really went by. */
export async function cpuOver(pid, seconds, meanwhile = async () => undefined) {
  const cpu = cpuSeconds(pid);
  const start = performance.now();
  await Promise.all([setTimeout(seconds * 1000), meanwhile()]);
  return { cpu: cpuSeconds(pid) - cpu, seconds: (performance.now() - start) / 1000 };
}

/** Waits until a process used next to no CPU for this many seconds on end. */
export async function calm(pid, seconds) {
  await poll('the daemon is calm', async () => (await cpuOver(pid, seconds)).cpu < seconds * CALM_SHARE, {
    everyMs: 1,
  });
}

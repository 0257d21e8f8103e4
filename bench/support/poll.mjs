import { setInterval } from 'node:timers/promises';

/** Asks `probe` until it gives something truthy, and gives that. Rejects after `limitSeconds`. */
export async function poll(what, probe, { everyMs = 20, limitSeconds = 300 } = {}) {
  const end = performance.now() + limitSeconds * 1000;
  for await (const _ of setInterval(everyMs)) {
    const found = await probe();
    if (found) return found;
    if (performance.now() > end) break;
  }
  throw new Error(`waited ${limitSeconds} s in vain: ${what}`);
}

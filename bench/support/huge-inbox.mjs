import { poll } from './poll.mjs';
import { startOnce } from './sluice.mjs';
import { createWorkspace } from './workspace.mjs';

const END_OF_SCAN = /"time":"([^"]+)","event":"scan-finished"/;
const LIMIT_SECONDS = 240;

/** 300,000 documents in one folder. Made once for a bench: several figures rest on it. */
function hugeInbox(bench) {
  bench.hugeInbox ??= createWorkspace(bench, bench.scaled(300_000));
  return bench.hugeInbox;
}

/** A `--once` run, 50 calls at once, over 300,000 documents of which nothing is done. */
export function startOverHugeInbox(bench, server) {
  const workspace = hugeInbox(bench);
  workspace.forget();
  return startOnce(bench, workspace, server, '--no-stream', '--concurrency', 50);
}

/**
 * When the first scan of the inbox ended, in milliseconds since the epoch, by the program's own log; this is known at
 * most a second later. Undefined where it has not ended after four minutes.
 */
export async function endOfFirstScan(sluice) {
  const end = Date.now() + LIMIT_SECONDS * 1000;
  const look = () => {
    const [, time] = END_OF_SCAN.exec(sluice.logged()) ?? [];
    return time === undefined ? Date.now() > end && {} : { at: Date.parse(time) };
  };
  const died = sluice.ended.then(({ code, complaint }) => {
    throw new Error(`sluice ended with ${code} before its first scan: ${complaint}`);
  });
  const { at } = await Promise.race([poll('the end of the first scan', look, { everyMs: 1000 }), died]);
  return at;
}

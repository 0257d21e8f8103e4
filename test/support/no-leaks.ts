import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from '@jest/globals';

/** What keeps a process alive and is ours to close. Timers count too, but for the one that looks. */
const KINDS = new Set(['FSEventWrap', 'TCPServerWrap', 'TCPSocketWrap', 'PipeServerWrap', 'ProcessWrap', 'Timeout']);
const PATIENCE_MS = 3000;
const LOOK_EVERY_MS = 50;

function open(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => KINDS.has(kind));
}

let before: string[] = [];

beforeAll(() => {
  before = open();
});

/**
 * A test file that leaves a watcher, socket, server, child process or timer behind fails. This runs before the file's
 * own top-level `afterAll`: what is closed there belongs into a `describe`.
 */
afterAll(async () => {
  let left = leftOver();
  for (let waited = 0; left.length > 0 && waited < PATIENCE_MS; waited += LOOK_EVERY_MS) {
    await sleep(LOOK_EVERY_MS);
    left = leftOver();
  }
  if (left.length > 0) throw new Error(`left open by the tests of this file: ${left.join(', ')}`);
});

function leftOver(): string[] {
  const rest = [...before];
  return open().filter((kind) => {
    const known = rest.indexOf(kind);
    if (known >= 0) rest.splice(known, 1);
    return known < 0;
  });
}

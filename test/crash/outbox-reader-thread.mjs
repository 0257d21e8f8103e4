// Reads, over and over, every file that lies under the name of a result or a report, until it is told to stop.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

/** A breath between two looks: on a machine of two cores the program needs one to itself. */
const PAUSE_MS = 1;

const { root, results, stop } = workerData;
const broken = new Map();
let reads = 0;

function entriesOf(folder) {
  try {
    return readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  } catch {
    return []; // It is not there yet, or a folder in it was removed at this moment.
  }
}

function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isWhole(path, text) {
  if (path.endsWith('.json')) return isJson(text);
  return path.endsWith('.partial.md') ? text !== '' : text === results[path.slice(root.length + 1)];
}

function look(folder) {
  for (const entry of entriesOf(folder)) {
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    const path = join(entry.parentPath, entry.name);
    const text = textOf(path);
    if (text === null) continue;
    reads += 1;
    if (!isWhole(path, text)) broken.set(path, text.slice(0, 200));
  }
}

while (Atomics.load(stop, 0) === 0) {
  look('outbox');
  look('failed');
  Atomics.wait(stop, 0, 0, PAUSE_MS);
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port is no window's
parentPort.postMessage({ reads, broken: Object.fromEntries(broken) });

// What a process of the pool runs: a thread that converts, watched from beside it. The thread cannot be heard while it
// converts, and its own limit of memory is one of V8's heap: not of what is unpacked.
import { Worker } from 'node:worker_threads';
import { errorCode } from '../../lib/errors.ts';
import type { ProcessFailure, Task } from './process-pool.ts';

const LOOK_EVERY_MS = 100;

const [worker = '', megabytes = ''] = process.argv.slice(2);
const thread = new Worker(new URL(worker), { resourceLimits: { maxOldGenerationSizeMb: Number(megabytes) } });
let mostBytes = Number.POSITIVE_INFINITY;

// A terminal sends them to all processes: the other one decides what ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
process.on('disconnect', end);
// It is not told if the other one was gone before.
if (!process.connected) end();
process.on('message', (task: Task) => {
  mostBytes = process.memoryUsage.rss() + Number(megabytes) * 1024 * 1024;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  thread.postMessage(task);
});
thread.on('message', (converted) => process.send?.(converted));
thread.on('error', (error) => fail(errorCode(error) === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out-of-memory' : 'failed'));
thread.on('exit', () => fail('failed'));
setInterval(() => {
  if (process.memoryUsage.rss() > mostBytes) fail('out-of-memory');
}, LOOK_EVERY_MS);

function fail(failure: ProcessFailure): void {
  process.send?.(failure, end);
}

/** At once, whatever the thread does. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

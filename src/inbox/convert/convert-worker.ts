// What a process of the pool runs: a thread that converts, watched from beside it. The thread cannot be heard while it
// converts, and its own limit of memory is one of V8's heap: not of what is unpacked.
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { errorCode } from '../../lib/errors.ts';
import { convertFiles } from './convert-file.ts';
import { asBuffer, type ProcessFailure, type Task } from './process-pool.ts';

const LOOK_EVERY_MS = 100;

if (isMainThread) watchThread();
else parentPort?.on('message', (task: Task) => void convertTask(task));

async function convertTask({ files, pdf }: Task): Promise<void> {
  const restored = files.map(({ name, bytes }) => ({ name, bytes: asBuffer(bytes) }));
  const converted = await convertFiles(restored, pdf);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(converted);
}

function watchThread(): void {
  const [worker = '', megabytes = ''] = process.argv.slice(2);
  const thread = new Worker(new URL(worker), { resourceLimits: { maxOldGenerationSizeMb: Number(megabytes) } });
  let mostBytes = Number.POSITIVE_INFINITY;

  // A terminal sends them to all processes: the other one decides what ends.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
  process.on('disconnect', endProcess);
  // It is not told if the other one was gone before.
  if (!process.connected) endProcess();
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
}

function fail(failure: ProcessFailure): void {
  process.send?.(failure, endProcess);
}

/** At once, whatever the thread does. */
function endProcess(): void {
  process.kill(process.pid, 'SIGKILL');
}

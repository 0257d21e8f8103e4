// What a thread of the worker pool runs.
import { parentPort } from 'node:worker_threads';
import { asBuffer } from './as-buffer.ts';
import { convertFiles } from './convert-file.ts';
import type { Task } from './worker-pool.ts';

parentPort?.on('message', ({ files, pdf }: Task) => {
  const restored = files.map(({ name, bytes }) => ({ name, bytes: asBuffer(bytes) }));
  void convertFiles(restored, pdf).then((converted) =>
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    parentPort?.postMessage(converted),
  );
});

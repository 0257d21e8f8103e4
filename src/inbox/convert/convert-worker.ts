// What the thread runs in which a process of the pool converts.
import { parentPort } from 'node:worker_threads';
import { convertFiles } from './convert-file.ts';
import { asBuffer, type Task } from './process-pool.ts';

parentPort?.on('message', ({ files, pdf }: Task) => {
  const restored = files.map(({ name, bytes }) => ({ name, bytes: asBuffer(bytes) }));
  void convertFiles(restored, pdf).then((converted) =>
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    parentPort?.postMessage(converted),
  );
});

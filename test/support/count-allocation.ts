// Loaded before the program, in its process. When that ends, counts.json in the current folder says how much its main
// thread allocated on V8's heap: what is in use before each collection, less what was left by the one before.
import { writeFileSync } from 'node:fs';
import { GCProfiler, getHeapStatistics } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  const profiler = new GCProfiler();
  const atStart = getHeapStatistics().used_heap_size;
  profiler.start();
  process.on('exit', () => {
    const atEnd = getHeapStatistics().used_heap_size;
    let left = atStart;
    let bytes = 0;
    for (const { beforeGC, afterGC } of profiler.stop()?.statistics ?? []) {
      bytes += beforeGC.heapStatistics.usedHeapSize - left;
      left = afterGC.heapStatistics.usedHeapSize;
    }
    writeFileSync('counts.json', JSON.stringify({ bytes: bytes + atEnd - left }));
  });
}

// For `node --expose-gc --import`: whoever started this process with a channel may ask what lives in its memory.
process.on('message', () => {
  // Twice: what the first frees may have held something else.
  globalThis.gc();
  globalThis.gc();
  process.send(process.memoryUsage());
});
// Being asked is no reason to live on.
process.channel?.unref();

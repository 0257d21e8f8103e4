import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Owns what a bench makes outside itself: processes and folders.
 * Whatever was not released before is released when this process ends, however it ends.
 */
export function createResources() {
  const releases = new Set();
  process.on('exit', () => {
    for (const release of [...releases].toReversed()) release();
  });
  for (const signal of SIGNALS) process.on(signal, () => process.exit(128 + constants.signals[signal]));
  return {
    /** `release` must be synchronous. Returns a function that releases now. */
    own(release) {
      releases.add(release);
      return () => {
        if (releases.delete(release)) release();
      };
    },
  };
}

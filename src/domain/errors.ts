/** A mistake in flags, environment, configuration or folders: shown to the person as it is, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The disk as a whole, or the ledger, refused: nothing more may be paid for until it is well again. Exit code 6 with `--once`. */
export class DiskError extends Error {
  override readonly name = 'DiskError';
}

/** One path is barred, however well the disk is: what belongs there fails, and nothing else is held up by it. */
export class PathError extends Error {
  override readonly name = 'PathError';
}

/** No prompt can be made of this document with its recipe; others are not held up by it. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
}

/** The run came to its end, or was cut off, while something was waited for: nothing went wrong with it. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';

  constructor() {
    super('the run has ended');
  }
}

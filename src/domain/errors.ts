/** A mistake in flags, environment, configuration or folders: shown to the person as it is, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Another process works on the workspace: exit code 8. */
export class WorkspaceTakenError extends Error {
  override readonly name = 'WorkspaceTakenError';
}

/** The disk as a whole, or the ledger, refused: nothing is paid for until it works again. Exit code 6 with `--once`. */
export class DiskError extends Error {
  override readonly name = 'DiskError';
}

/** One path is barred, and the disk works: what belongs there fails, and nothing else waits for it. */
export class PathError extends Error {
  override readonly name = 'PathError';
}

/** No prompt can be made of this document with its recipe; others do not wait for it. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
}

/** The run ended, or was cut off, while something waited: nothing went wrong with that. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';

  constructor() {
    super('the run has ended');
  }
}

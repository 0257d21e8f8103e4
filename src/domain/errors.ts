/** A mistake in flags, environment, configuration or folders: shown to the person as it is, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The disk as a whole, or the ledger, refused: nothing more may be paid for until it is well again. Exit code 6 with `--once`. */
export class DiskTrouble extends Error {
  override readonly name = 'DiskTrouble';
}

/** One path is barred, however well the disk is: what belongs there fails, and nothing else is held up by it. */
export class PathTrouble extends Error {
  override readonly name = 'PathTrouble';
}

/** No prompt can be made of this document with its recipe; others are not held up by it. */
export class RenderTrouble extends Error {
  override readonly name = 'RenderTrouble';
}

/** The system's error code (`ENOENT`), or an empty string where the error carries none. */
export function errorCode(error: unknown): string {
  // By its shape: an error of another realm (node's own, under jest) is no instance of this one's Error.
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}

export function errorMessage(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

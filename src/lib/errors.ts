/** The system's error code (`ENOENT`), or an empty string if the error has none. */
export function errorCode(error: unknown): string {
  // By its shape: an error of another realm (node's own, under jest) is no instance of this one's Error.
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}

export function errorMessage(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

/** What `work` returns; undefined if it throws: for what may fail without harm. */
export function orUndefined<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** What closes the things that were opened, in their order. */
export type Closers = (() => void | Promise<void>)[];

/** The last opened first. Closes each of them, and then rejects with the first error. */
export async function closeAll(closers: Readonly<Closers>): Promise<void> {
  const errors: unknown[] = [];
  for (const close of closers.toReversed()) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- what was opened last depends on what was opened before
      await close();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

/** Closes if `opening` failed, and rejects with its error: one of closing mostly follows from it, and hides the cause. */
export async function closedIfFailed<T>(opening: Promise<T>, close: () => Promise<void>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

/** Closes when `work` ended, also if it failed: then its error counts. */
export async function closedAfter<T>(work: Promise<T>, close: () => Promise<void>): Promise<T> {
  const value = await closedIfFailed(work, close);
  await close();
  return value;
}

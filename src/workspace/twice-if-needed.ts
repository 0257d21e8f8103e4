/** Does once more what failed once: a disk that refuses for a moment is to leave nothing of ours behind. */
export function twiceIfNeeded(work: () => void): void {
  try {
    work();
  } catch {
    work();
  }
}

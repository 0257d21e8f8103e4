/** Shorter repetitions happen by chance. */
const LEAST_OVERLAP = 10;
const MOST_OVERLAP = 2000;
/** A heading that is repeated is no beginning anew. */
const LEAST_RESTART = 200;

/**
 * A text that was cut, and what goes on with it. What the second repeats of the end of the first is taken once, unless
 * that end says the same thing twice itself: then nobody can tell. One that begins all over stands for both; of two that
 * were cut, the longer.
 */
export function joinAtSeam(before: string, after: string, afterIsCut = false): string {
  if (before === '') return after;
  const onwards = before.includes('```') || /^\s*[[{]/.test(before) ? withoutOpeningFence(after) : after;
  if (restarts(before, after)) return afterIsCut && after.length < before.length ? before : after;
  return before + onwards.slice(overlapOf(before, onwards));
}

/** A fence that opens once more what is open. */
function withoutOpeningFence(text: string): string {
  return text.replace(/^\s*(?:`{3,}|~{3,})\w+[ \t]*\r?\n/, '');
}

function restarts(before: string, after: string): boolean {
  const beginning = before.slice(0, LEAST_RESTART);
  return beginning.trim().length >= LEAST_OVERLAP && after.startsWith(beginning);
}

/** Characters at the beginning of `after`, blanks before them included, that `before` ends with. */
function overlapOf(before: string, after: string): number {
  const blanks = after.length - after.trimStart().length;
  const repeatable = after.slice(blanks, blanks + MOST_OVERLAP);
  for (let length = Math.min(repeatable.length, before.length); length >= LEAST_OVERLAP; length -= 1) {
    const repeated = repeatable.slice(0, length);
    if (before.endsWith(repeated)) return before.indexOf(repeated) < before.length - length ? 0 : blanks + length;
  }
  return 0;
}

// In which order jest starts the test files on a machine that has not run them yet: first those that take longest, so that
// none is left to run alone at the end. By itself jest takes a large file for a long test, and the crash tests are small.
import TestSequencer from '@jest/test-sequencer';

/** The longest first. */
const LONG = [/\/test\/crash\/kills/, /\/cost-of-a-document/, /\/test\/(?:crash\/|docs\.test)/, /\/test\/e2e\//];

function rank({ path }) {
  const place = LONG.findIndex((pattern) => pattern.test(path.replaceAll('\\', '/')));
  return place < 0 ? LONG.length : place;
}

export default class HeavyFirst extends TestSequencer {
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is no array's
    const sorted = super.sort(tests);
    // It knows how long they took here.
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}

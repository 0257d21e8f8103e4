/** So many deltas that begin with all before them, and go on, are no chance ... */
const LEAST_STEPS = 3;
/** ... if what they repeat has so many characters. */
const LEAST_REPEATED = 16;

/**
 * The text that deltas make. Some servers send all so far with each: then the last one says it. That is certain only if
 * every delta begins with the one before it, often and long enough, and is no run of one sign or word.
 */
export function saidOnce(deltas: readonly string[]): string {
  return soFar(deltas) ?? deltas.join('');
}

/** The last delta, if each one holds all before it. Of nearly every stream, a look at the first two tells. */
function soFar(deltas: readonly string[]): string | null {
  let steps = 0;
  let repeated = 0;
  let last = '';
  for (const delta of deltas) {
    if (!delta.startsWith(last)) return null;
    if (delta.length > last.length && last !== '') {
      steps += 1;
      repeated = last.length;
    }
    last = delta;
  }
  if (steps < LEAST_STEPS || repeated < LEAST_REPEATED) return null;
  const [first = ''] = deltas;
  return first.repeat(Math.ceil(last.length / first.length)).startsWith(last) ? null : last;
}

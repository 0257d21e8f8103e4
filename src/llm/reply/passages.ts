const WINDOW = 20;
const STEP = 10;

/** A passage is found wherever this many of its characters stand in a row, each run of loose ones counted as one. */
export const SHORTEST_PASSAGE = WINDOW + STEP - 1;

/** A source too short to have passages is looked for as a whole; one shorter than this might stand in any text. */
const SHORTEST_SOURCE = 8;

/**
 * What servers exchange, add or leave out: white space, control characters, the plus of a form, quotes, backslashes, and
 * the escapes of JSON, however deep in other JSON. No part is read twice: documents may hold a million backslashes. Runs
 * are read 10,000 at a time: V8 remembers every step of a match, and a run of ten million would overflow its stack.
 */
const LOOSE = String.raw`[\s\p{Cc}+"]{1,10000}|\\{1,10000}(?:[bfnrt]|u([\da-fA-F]{4}))?`;
const LOOSE_PART = new RegExp(LOOSE, 'gu');
const ANY_PART = new RegExp(`${LOOSE}|[^]`, 'gu');

/** Stands where something was taken out of a server's text. */
export const OMITTED = '[…]';

/**
 * What takes every passage of the sources out of a text, also if what is loose in it is not the same. Meant for short
 * texts: sources of a million characters take some 30 ms once, when the first text comes, and 10 ms for each.
 */
export function passageFilter(sources: readonly string[]): (text: string) => string {
  let plain: readonly string[] | null = null;
  return (text) => {
    plain ??= sources.map(withoutLoose);
    return withoutPassages(text, plain);
  };
}

function withoutPassages(text: string, sources: readonly string[]): string {
  const { letters, positions } = condensed(text);
  const positionOf = (index: number): number => positions[index] ?? text.length;
  let clean = '';
  let end = 0;
  for (const [from, to] of sharedRanges(letters, sources)) {
    if (end === 0 || end < from) clean += text.slice(positionOf(end), positionOf(from)) + OMITTED;
    end = Math.max(end, to);
  }
  return end === 0 ? text : clean + text.slice(positionOf(end));
}

/** A text with each run of loose characters as one space, and where in the text each of its characters stands. */
function condensed(text: string): { readonly letters: string; readonly positions: readonly number[] } {
  const positions: number[] = [];
  let letters = '';
  for (const { 0: part, index } of text.matchAll(ANY_PART)) {
    const letter = withoutLoose(part);
    if (letter === ' ' && letters.endsWith(' ')) continue;
    for (let unit = 0; unit < letter.length; unit += 1) positions.push(index + unit);
    letters += letter;
  }
  return { letters, positions };
}

function withoutLoose(text: string): string {
  const plain = text.replace(LOOSE_PART, (_, code: string | undefined) =>
    code === undefined ? ' ' : String.fromCharCode(Number.parseInt(code, 16)),
  );
  return plain.replace(/ {2,}/g, ' ');
}

/** From and to, in order. */
type SharedRange = readonly [number, number];

function sharedRanges(letters: string, sources: readonly string[]): readonly SharedRange[] {
  const windows = windowsOf(letters);
  const ranges: SharedRange[] = [];
  for (const source of sources) {
    if (source.length <= SHORTEST_PASSAGE) ranges.push(...wholeIn(letters, source.trim()));
    for (let at = 0; at + WINDOW <= source.length; at += STEP) {
      const window = source.slice(at, at + WINDOW);
      // What stands beside the window may belong to the same passage, up to where the next window would be found.
      for (const start of windows.get(window) ?? []) ranges.push([Math.max(0, start - STEP), start + WINDOW + STEP]);
      windows.delete(window);
    }
  }
  return ranges.toSorted(([one], [other]) => one - other);
}

/** Where each window of the text starts. */
function windowsOf(letters: string): Map<string, number[]> {
  const starts = new Map<string, number[]>();
  for (let start = 0; start + WINDOW <= letters.length; start += 1) {
    const window = letters.slice(start, start + WINDOW);
    const known = starts.get(window);
    if (known === undefined) starts.set(window, [start]);
    else known.push(start);
  }
  return starts;
}

function wholeIn(letters: string, source: string): readonly SharedRange[] {
  const ranges: SharedRange[] = [];
  if (source.length < SHORTEST_SOURCE) return ranges;
  for (let at = letters.indexOf(source); at >= 0; at = letters.indexOf(source, at + source.length))
    ranges.push([at, at + source.length]);
  return ranges;
}

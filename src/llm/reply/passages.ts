const WINDOW = 20;
const STEP = 10;

/** A passage is found wherever this many of its characters stand in a row, each run of blanks counted as one. */
export const SHORTEST_PASSAGE = WINDOW + STEP - 1;

/**
 * Takes every passage of the sources out of a text, also where its blanks became others (line ends a space, a space a
 * plus), more or fewer. Meant for a short text and sources of any size: they are gone through once.
 */
export function withoutPassages(text: string, sources: readonly string[]): string {
  const { letters, positions } = condensed(text);
  if (letters.length < SHORTEST_PASSAGE) return text;
  const positionOf = (index: number) => positions[index] ?? text.length;
  let clean = '';
  let end = 0;
  for (const start of sharedWindows(letters, sources)) {
    // What stands beside the window may belong to the same passage, up to where the next window would be found.
    const from = Math.max(0, start - STEP);
    if (end === 0 || end <= from) clean += text.slice(positionOf(end), positionOf(Math.max(end, from))) + OMITTED;
    end = start + WINDOW + STEP;
  }
  return clean + text.slice(positionOf(end));
}

/** A text with each run of blanks as one space, and where in the text each of its letters stands. */
function condensed(text: string): { readonly letters: string; readonly positions: readonly number[] } {
  let letters = '';
  const positions: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const blank = isBlank(text.charCodeAt(at));
    if (blank && letters.endsWith(' ')) continue;
    letters += blank ? ' ' : text.charAt(at);
    positions.push(at);
  }
  return { letters, positions };
}

/** Where windows of the condensed text start that also stand in a source, at a step of it; in order. */
function sharedWindows(letters: string, sources: readonly string[]): readonly number[] {
  const { starts, marks } = windowsOf(letters);
  const shared: number[] = [];
  for (const source of sources) {
    for (let at = 0; at < source.length; at += STEP) {
      // A run is gone through once: its last blank stands for all of it.
      if (isBlank(source.charCodeAt(at))) at = lastOfRun(source, at);
      if (marks[markOf(source, at)] === 0) continue;
      const window = windowOf(source, at);
      shared.push(...(starts.get(window) ?? []));
      starts.delete(window);
    }
  }
  return shared.toSorted((one, other) => one - other);
}

function lastOfRun(source: string, blank: number): number {
  let at = blank;
  while (at + 1 < source.length && isBlank(source.charCodeAt(at + 1))) at += 1;
  return at;
}

interface Windows {
  /** Where each window starts. */
  readonly starts: Map<string, readonly number[]>;
  /** 1 at the mark of each window. */
  readonly marks: Uint8Array;
}

function windowsOf(letters: string): Windows {
  const starts = new Map<string, readonly number[]>();
  const marks = new Uint8Array(MARKS);
  for (let start = 0; start + WINDOW <= letters.length; start += 1) {
    const window = letters.slice(start, start + WINDOW);
    starts.set(window, [...(starts.get(window) ?? []), start]);
    marks[markOf(letters, start)] = 1;
  }
  return { starts, marks };
}

/** The window of the condensed source that starts here; shorter at its end. */
function windowOf(source: string, start: number): string {
  let window = '';
  for (let at = start; at < source.length && window.length < WINDOW; at += 1) {
    if (!isBlank(source.charCodeAt(at))) window += source.charAt(at);
    else if (!window.endsWith(' ')) window += ' ';
  }
  return window;
}

const MARKS = 2 ** 16;
const MARKED = 5;
const SPACE = 0x20;

/** A number below `MARKS` by the first letters of a window: most of a source is told apart by it, without being copied. */
function markOf(source: string, start: number): number {
  let mark = 0;
  let toGo = MARKED;
  let afterBlank = false;
  for (let at = start; toGo > 0 && at < source.length; at += 1) {
    const code = source.charCodeAt(at);
    const blank = isBlank(code);
    if (blank && afterBlank) continue;
    afterBlank = blank;
    mark = (mark * 31 + (blank ? SPACE : code)) & (MARKS - 1);
    toGo -= 1;
  }
  return mark;
}

/** All white space of Unicode, and the plus that stands for a space in a form. */
const BLANKS =
  ' +\t\n\v\f\r\u001c\u001d\u001e\u001f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';

/** A table, for it is asked once for each letter of a document, however long that is. */
const TABLE = new Uint8Array(2 ** 16);
for (const blank of BLANKS) TABLE[blank.charCodeAt(0)] = 1;

/** Whether a character, by its UTF-16 code, is one that servers put for each other or leave out: white space or a plus. */
function isBlank(code: number): boolean {
  return TABLE[code] === 1;
}

/** Stands where something was taken out of a server's text. */
export const OMITTED = '[…]';

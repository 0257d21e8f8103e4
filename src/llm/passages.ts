import { OMITTED } from './omitted.ts';

const WINDOW = 20;
const STEP = 10;

/** A passage is found wherever this many of its characters stand in a row. */
export const SHORTEST_PASSAGE = WINDOW + STEP - 1;

/**
 * Takes every passage of the sources out of a text, also where each blank of it became a plus. Meant for a short text
 * and sources of any size: they are gone through once.
 */
export function withoutPassages(text: string, sources: readonly string[]): string {
  if (text.length < SHORTEST_PASSAGE) return text;
  let clean = '';
  let end = 0;
  for (const start of sharedWindows(withoutPluses(text), sources)) {
    // What stands beside the window may belong to the same passage, up to where the next window would be found.
    if (end === 0 || end <= start - STEP) clean += text.slice(end, Math.max(end, start - STEP)) + OMITTED;
    end = start + WINDOW + STEP;
  }
  return clean + text.slice(end);
}

/** Where windows of the text start that also stand in a source, at a step of it; in order. */
function sharedWindows(text: string, sources: readonly string[]): readonly number[] {
  const { starts, marks } = windowsOf(text);
  const shared: number[] = [];
  for (const source of sources) {
    for (let at = 0; at + WINDOW <= source.length; at += STEP) {
      if (marks[markOf(source, at)] === 0) continue;
      const window = withoutPluses(source.slice(at, at + WINDOW));
      shared.push(...(starts.get(window) ?? []));
      starts.delete(window);
    }
  }
  return shared.toSorted((one, other) => one - other);
}

interface Windows {
  /** Where each window starts. */
  readonly starts: Map<string, readonly number[]>;
  /** 1 at the mark of each window. */
  readonly marks: Uint8Array;
}

function windowsOf(text: string): Windows {
  const starts = new Map<string, readonly number[]>();
  const marks = new Uint8Array(MARKS);
  for (let start = 0; start + WINDOW <= text.length; start += 1) {
    const window = text.slice(start, start + WINDOW);
    starts.set(window, [...(starts.get(window) ?? []), start]);
    marks[markOf(text, start)] = 1;
  }
  return { starts, marks };
}

const MARKS = 2 ** 16;

/** A number below `MARKS` by a few letters of a window: most of a source is told apart by it, without being copied. */
function markOf(text: string, start: number): number {
  const half = letter(text, start) * 31 + letter(text, start + 6);
  return ((half * 31 + letter(text, start + 12)) * 31 + letter(text, start + 19)) & (MARKS - 1);
}

function letter(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code === PLUS ? BLANK : code;
}

const PLUS = 0x2b;
const BLANK = 0x20;

function withoutPluses(text: string): string {
  return text.replaceAll('+', ' ');
}

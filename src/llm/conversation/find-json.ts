import { fencedBlocks } from '../../dialogue/fenced-blocks.ts';
import { type JsonScan, scanJson } from '../../dialogue/json-scan.ts';

export interface FoundValue {
  readonly value: unknown;
  /** Indented, with the digits and escapes of the reply. */
  readonly pretty: string;
}

export type FoundJson =
  | { readonly kind: 'found'; readonly values: readonly FoundValue[] }
  /** `reason` holds nothing of the text. */
  | { readonly kind: 'broken'; readonly reason: string };

/**
 * The JSON of a reply: all of it; else what its code blocks hold; else what stands amid its prose.
 *
 * A sound piece of something broken is never taken for the whole: a stray `{`, or a list that does not end well, makes
 * the reply broken. Numbers in brackets amid a sentence are citations.
 */
export function findJson(reply: string): FoundJson {
  const text = reply.trim();
  if (text === '') return { kind: 'broken', reason: 'it is empty' };
  const whole = scanWhole(text);
  if (whole.kind === 'value') return { kind: 'found', values: [found(text, 0, whole)] };
  return inBlocks(text) ?? inProse(text);
}

/** A value and nothing behind it. */
function scanWhole(text: string): JsonScan {
  const scan = scanJson(text);
  return scan.kind === 'value' && scan.end < text.length
    ? { kind: 'broken', at: scan.end, reason: 'something follows on the value' }
    : scan;
}

/** Null where no code block is meant to be JSON. */
function inBlocks(text: string): FoundJson | null {
  const blocks = fencedBlocks(text).map(({ content }) => content.trim());
  const values: FoundValue[] = [];
  for (const block of blocks) {
    const scan = scanWhole(block);
    if (scan.kind === 'value') values.push(found(block, 0, scan));
    else if (/^[[{]/.test(block)) return broken(block, scan);
  }
  return values.length === 0 ? null : { kind: 'found', values };
}

function inProse(text: string): FoundJson {
  const values: FoundValue[] = [];
  const opening = /[[{]/g;
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    const scan = scanJson(text, match.index);
    if (scan.kind === 'broken') {
      if (isMeant(text, match.index)) return broken(text, scan);
    } else {
      opening.lastIndex = scan.end;
      if (!isCitation(text, match.index, scan.end)) values.push(found(text, match.index, scan));
    }
  }
  return values.length === 0 ? { kind: 'broken', reason: 'it holds no JSON' } : { kind: 'found', values };
}

/** Whether a bracket that opens no sound value was meant to open one. Links and notes of Markdown are in brackets too. */
function isMeant(text: string, at: number): boolean {
  return text[at] === '{' || /^\[\s*["[{]/.test(text.slice(at, at + 1000));
}

function isCitation(text: string, start: number, end: number): boolean {
  return /^\[[\d\s,]*\]$/.test(text.slice(start, end)) && !opensLine(text, start);
}

/** Whether nothing but blanks stands before a place in its line. Goes back no further than these do. */
function opensLine(text: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && text[before] !== '\n' && text.charAt(before).trim() === '') before -= 1;
  return before < 0 || text[before] === '\n';
}

function found(text: string, start: number, { end, pretty }: Extract<JsonScan, { kind: 'value' }>): FoundValue {
  return { value: JSON.parse(text.slice(start, end)), pretty };
}

function broken(text: string, { at, reason }: Extract<JsonScan, { kind: 'broken' }>): FoundJson {
  const lines = text.slice(0, at).split('\n');
  return { kind: 'broken', reason: `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}: ${reason}` };
}

import { OMITTED } from './omitted.ts';

const WINDOW = 20;
const STEP = 10;

/** A passage is found wherever this many of its characters stand in a row. */
export const SHORTEST_PASSAGE = WINDOW + STEP - 1;

/** Takes every passage of the sources out of a text, also where each blank of it became a plus. */
export function withoutPassages(text: string, sources: readonly string[]): string {
  const spaced = withoutPluses(text);
  const originals = spaced === text ? sources : sources.map(withoutPluses);
  let clean = '';
  let end = 0;
  for (let start = 0; start + WINDOW <= text.length; start += STEP) {
    const window = spaced.slice(start, start + WINDOW);
    if (!originals.some((original) => original.includes(window))) continue;
    // What stands beside the window may belong to the same passage, up to where the next window would find it.
    if (end === 0 || end <= start - STEP) clean += text.slice(end, Math.max(end, start - STEP)) + OMITTED;
    end = start + WINDOW + STEP;
  }
  return clean + text.slice(end);
}

/** As long as before: what is found in one is found at the same place in the other. */
function withoutPluses(text: string): string {
  return text.replaceAll('+', ' ');
}

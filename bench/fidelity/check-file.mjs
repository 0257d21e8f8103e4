import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { formatByName, rawTexts } from './raw-text.mjs';
import { compareOnce, compareWords } from './words.mjs';

/**
 * Compares what a file holds with what a model would get of it.
 *
 * @returns `kind`: `checked`, with the words and which are missing; `refused`; `as-it-is` for what is sent without being read;
 * `unchecked`, with the reason
 */
export async function checkFile(path, converter) {
  const name = basename(path);
  const bytes = readFileSync(path);
  const raw = rawOrReason(name, bytes);
  const found = { path, format: raw.texts?.format ?? formatByName(name) };
  const files = [{ name, bytes }];
  const converted = await converter.convert(
    { document: { id: name, size: bytes.length, mtimeMs: 0 }, sha256: '', files },
    'text',
  );
  if (converted.kind === 'refused') {
    const lost = raw.texts === null ? null : compare(raw.texts, '').words;
    return { ...found, kind: 'refused', code: converted.code, reason: converted.reason, lost };
  }
  const leftOut = converted.leftOut ?? {};
  const given = converted.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('\n');
  if (raw.texts !== null) return { ...found, kind: 'checked', leftOut, ...compare(raw.texts, given) };
  const isRead = (converted.readers ?? []).length > 0 || raw.reason !== null;
  return isRead
    ? { ...found, kind: 'unchecked', leftOut, reason: raw.reason ?? 'no other reader of it is here' }
    : { ...found, kind: 'as-it-is' };
}

function rawOrReason(name, bytes) {
  try {
    const texts = rawTexts(name, bytes);
    const isPdf = texts === null && bytes.subarray(0, 1024).includes('%PDF-');
    return { texts, reason: isPdf ? '`pdftotext` (poppler-utils) is not installed, or cannot read it' : null };
  } catch (error) {
    return { texts: null, reason: `what is in it cannot be counted: ${error.message}` };
  }
}

function compare({ texts, once, either = [] }, given) {
  const chosen = either.map((choices) => fewestMissing(choices, given));
  const all = [compareWords([...texts, ...chosen].join('\n'), given), compareOnce(once.join('\n'), given)];
  const missing = new Map();
  for (const [word, count] of all.flatMap((part) => [...part.missing]))
    missing.set(word, (missing.get(word) ?? 0) + count);
  const words = all.reduce((sum, part) => sum + part.words, 0);
  return {
    words,
    missing: [...missing.values()].reduce((sum, count) => sum + count, 0),
    examples: [...missing.keys()].slice(0, 8),
  };
}

function fewestMissing(choices, given) {
  const lacking = choices.map((text) => compareWords(text, given).missing.size);
  return choices[lacking.indexOf(Math.min(...lacking))] ?? '';
}

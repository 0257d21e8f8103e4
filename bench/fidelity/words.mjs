/** Written without spaces between words: each character counts as one. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu;
/** Marks of Markdown, of HTML in it, and what no reader sees: on both sides, so that none of them divides a word. */
const MARKS = /<\/?(?:sup|sub|u|b|i|s|em|strong|del|ins|mark)>|[*_~`\\\u00AD\u200B-\u200D\u2060\uFEFF]/g;
/** A number, which may be written in several ways, or a run of letters and digits. */
const WORD = /\p{N}+(?:\.\p{N}+)?(?:e[+-]?\p{N}+)?(?![\p{L}\p{N}])|[\p{L}\p{M}\p{N}]+/gu;
/** Digits that all programs agree on. */
const DIGITS = 14;
/** Different words that are looked for letter by letter, at most. */
const MOST_LOOKED_FOR = 300;

function plain(text) {
  return text.normalize('NFKC').toLowerCase().replaceAll('<br>', ' ').replaceAll(MARKS, '');
}

/** 0.30000000000000004 and 0.3, 1.50 and 1.5, 1E-3 and 0.001 are the same number; 007 and 7 are not. */
function canonical(word) {
  if (!/^\p{N}/u.test(word) || (!/[.e]/.test(word) && word.length <= DIGITS)) return word;
  const number = Number(word);
  return Number.isFinite(number) ? String(Number(number.toPrecision(DIGITS))) : word;
}

/** How often each word is in a text. */
function wordCounts(text) {
  const counts = new Map();
  for (const [found] of text.replaceAll(UNSPACED, ' $& ').matchAll(WORD)) {
    const word = canonical(found);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

function occurrences(text, word) {
  let count = 0;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) count += 1;
  return count;
}

/**
 * The words of a raw text, and which of them a model would not get, each as often as it is missing. A word that is divided
 * or joined on one side is looked for in the letters alone.
 */
export function compareWords(raw, given) {
  const [rawText, givenText] = [plain(raw), plain(given)];
  const rawCounts = wordCounts(rawText);
  const givenCounts = wordCounts(givenText);
  let words = 0;
  const missing = new Map();
  for (const [word, count] of rawCounts) {
    words += count;
    const lacking = count - (givenCounts.get(word) ?? 0);
    if (lacking > 0) missing.set(word, lacking);
  }
  if (missing.size > 0) {
    const [rawLetters, givenLetters] = [rawText, givenText].map((text) => text.replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, ''));
    for (const [word, count] of [...missing].slice(0, MOST_LOOKED_FOR)) {
      const lacking = Math.min(count, occurrences(rawLetters, word) - occurrences(givenLetters, word));
      if (lacking > 0) missing.set(word, lacking);
      else missing.delete(word);
    }
  }
  return { words, missing };
}

/** As `compareWords`, where it is enough that each word is there. */
export function compareOnce(raw, given) {
  return compareWords([...wordCounts(plain(raw)).keys()].join('\n'), given);
}

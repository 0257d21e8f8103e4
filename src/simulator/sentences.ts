/** A line as long as this goes on in the next one; a shorter one is a heading, an item of a list, or ends its paragraph. */
const FULL_LINE = 60;
/** A row of a table of commas or bars. */
const ROW = /[,;|]\S.*[,;|]\S/;

/** A longer one is cut, or says too much. */
const LONG = 220;

const SENTENCE = /.+?(?:[.!?]["'»”)]?(?=\s+[^\s\p{Ll}])|[。！？]|$)/gsu;
const WORD = /\p{L}{5,}/gu;
const NUMBER = /\p{N}/u;
const ENDS = /[.!?。！？]["'»”)]?$/u;

/** The sentences of lines of plain text, in their order. What is no sentence, such as a row of a table, is taken whole. */
export function sentencesOf(lines: readonly string[]): readonly string[] {
  const paragraphs: string[] = [];
  let goesOn = false;
  for (const line of lines) {
    if (goesOn) paragraphs.push(`${paragraphs.pop()} ${line}`);
    else paragraphs.push(line);
    goesOn = line.length >= FULL_LINE && !ROW.test(line) && !ENDS.test(line);
  }
  return paragraphs
    .flatMap((text) => Array.from(text.matchAll(SENTENCE), ([sentence]) => sentence.trim()))
    .filter(Boolean);
}

/**
 * The sentences that carry most of the content, in their order: those with words that are frequent among all of them, or
 * with numbers; not the first one, which a reader would take for a copy of the beginning.
 */
export function weightiest(sentences: readonly string[], count: number): readonly string[] {
  const wordsOf = sentences.map((sentence) => new Set(sentence.toLowerCase().match(WORD) ?? []));
  const frequency = new Map<string, number>();
  for (const words of wordsOf) for (const word of words) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  const weighed = sentences.map((sentence, index) => {
    const words = [...(wordsOf[index] ?? [])];
    const sum = words.reduce((total, word) => total + (frequency.get(word) ?? 0) - 0.5, 0);
    const form =
      (NUMBER.test(sentence) ? 1.3 : 1) * (ENDS.test(sentence) ? 1 : 0.6) * (sentence.length > LONG ? 0.5 : 1);
    return { sentence, index, weight: (form * sum) / Math.sqrt(Math.max(6, words.length)) };
  });
  return (weighed.length > count ? weighed.slice(1) : weighed)
    .toSorted((one, other) => other.weight - one.weight)
    .slice(0, count)
    .toSorted((one, other) => one.index - other.index)
    .map(({ sentence }) => sentence);
}

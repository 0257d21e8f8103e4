const ASKS_FOR_LABEL = /\b(?:classif|categor|sort\b|one of\b|which of\b|labels?\b)/i;
/** `one of: a, b or c`, `Classify as a, b or c`, `labels: a | b`. */
const IN_LINE =
  /\b(?:one of(?: these| the following)?|classify (?:it |them |the \w+ )?as|labels?|categories|classes)\b[^:\n,]{0,40}?:?\s+([^\n.:;]*(?:,|\bor\b|\|)[^\n.:;]*)/i;
/** `- label: what it means`. */
const IN_LIST = /^\s*[-*]\s+["'`*]*([\p{L}\p{N}][^:\n]{0,40}?)["'`*]*(?::\s*(.*))?$/gmu;
const WORD = /\p{L}{4,}/gu;

/**
 * The label that fits a document best, of those that the instructions offer: the one of which most words are in it. Null
 * where they do not ask for one.
 */
export function chosenLabel(document: string, instructions: string): string | null {
  if (!ASKS_FOR_LABEL.test(instructions)) return null;
  const labels = labelsIn(instructions);
  if (labels.length < 2) return null;
  const text = document.toLowerCase();
  const hits = labels.map(({ words }) => words.filter((word) => text.includes(word)).length);
  const most = Math.max(...hits);
  return (labels[most === 0 ? document.length % labels.length : hits.indexOf(most)] ?? labels[0])?.label ?? null;
}

function labelsIn(instructions: string): readonly { readonly label: string; readonly words: readonly string[] }[] {
  const [, line] = IN_LINE.exec(instructions) ?? [];
  const named =
    line === undefined
      ? Array.from(instructions.matchAll(IN_LIST), ([, label = '', meaning = '']) => ({ label, meaning }))
      : line.split(/,\s*(?:or\s+)?|\s+or\s+|\s*\|\s*/).map((label) => ({ label, meaning: '' }));
  return named
    .map(({ label, meaning }) => ({ label: label.replace(/^["'`*\s]+|["'`*\s]+$/g, ''), meaning }))
    .filter(({ label }) => label !== '' && label.length <= 40)
    .map(({ label, meaning }) => ({ label, words: stemsOf(`${label} ${meaning}`) }));
}

/** Words without their endings, roughly: `invoices` is in a text that says `invoice`. */
function stemsOf(text: string): readonly string[] {
  return (text.toLowerCase().match(WORD) ?? []).map((word) => word.slice(0, Math.max(4, word.length - 2)));
}

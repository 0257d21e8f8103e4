import { markdownTable } from '../support/markdown-table.mjs';

const WORST = 20;

/** The share of its words that a model gets, in percent. */
function keptShare({ words, missing }) {
  return words === 0 ? 100 : 100 * (1 - missing / words);
}

/** What all files come to, by their formats. */
export function summarize(results, threshold) {
  const checked = results.filter(({ kind }) => kind === 'checked');
  const below = checked.filter((file) => keptShare(file) < threshold);
  const names = [...new Set(results.map(({ format }) => format))];
  const formats = names.map((name) =>
    formatRow(
      name,
      results.filter(({ format }) => format === name),
      below,
    ),
  );
  return {
    threshold,
    formats: formats.toSorted((one, other) => other.words - one.words || other.files - one.files),
    below,
    worst: checked
      .filter(({ missing }) => missing > 0)
      .toSorted((one, other) => keptShare(one) - keptShare(other))
      .slice(0, WORST),
    refused: results.filter(({ kind }) => kind === 'refused'),
    unchecked: results.filter(({ kind }) => kind === 'unchecked'),
  };
}

function formatRow(format, files, below) {
  const counted = (kind) => files.filter((file) => file.kind === kind).length;
  const sum = (field) => files.reduce((total, file) => total + (file[field] ?? 0), 0);
  const leftOut = {};
  for (const [kind, count] of files.flatMap((file) => Object.entries(file.leftOut ?? {})))
    leftOut[kind] = (leftOut[kind] ?? 0) + count;
  const [words, missing] = [sum('words'), sum('missing')];
  return {
    format,
    files: files.length,
    checked: counted('checked'),
    refused: counted('refused'),
    asItIs: counted('as-it-is'),
    unchecked: counted('unchecked'),
    words,
    missing,
    keptPercent: counted('checked') === 0 ? null : keptShare({ words, missing }),
    below: below.filter((file) => file.format === format).length,
    leftOut,
  };
}

const percent = (share) => (share === null ? '–' : `${(Math.floor(share * 1000) / 1000).toFixed(3)} %`);
const counts = (byKind) =>
  Object.entries(byKind)
    .map(([kind, count]) => `${count} × ${kind}`)
    .join(', ');
const section = (title, lines) =>
  lines.length === 0 ? '' : `\n${title}\n\n${lines.map((line) => `- ${line}\n`).join('')}`;

/** The summary in Markdown. */
export function summaryText({ threshold, formats, worst, refused, unchecked }) {
  const rows = formats.map((row) => [
    row.format,
    row.files,
    row.refused,
    row.asItIs,
    row.unchecked,
    row.words,
    row.missing,
    percent(row.keptPercent),
    row.below,
    counts(row.leftOut),
  ]);
  const columns = [
    'format',
    'files',
    'refused',
    'sent as it is',
    'not checked',
    'words',
    'missing',
    'kept',
    `below ${threshold} %`,
    'left out, and named',
  ];
  return [
    markdownTable(columns, rows),
    section(
      'The worst:',
      worst.map(
        (file) =>
          `${percent(keptShare(file))} ${file.path}: ${file.missing} of ${file.words} words missing, as ${file.examples.join(' ')}`,
      ),
    ),
    section(
      'Refused, before any call:',
      refused.map(({ path, code, reason, lost }) => `${path}: ${code}. ${reason}${lost ? ` (${lost} words)` : ''}`),
    ),
    section(
      'Not checked:',
      unchecked.map(({ path, reason }) => `${path}: ${reason}`),
    ),
  ].join('');
}

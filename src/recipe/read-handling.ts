import { type Handling, type OutputRules, PLAIN_HANDLING, type SplitRules } from '../domain/recipe.ts';
import { listOf } from './container-shapes.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';
import { oneOf, type Shape, scalar, text, wholeNumber } from './shapes.ts';

/** Smaller parts would be nearly all prompt. */
const FEWEST_PART_TOKENS = 100;

const LONGEST_OVERLAP = 100_000;

const HIGHEST_CONCURRENCY = 10_000;

const dollars = scalar('US dollars of more than 0, as 2.50', (value): value is number => {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
});

const apis: Shape<readonly string[]> = {
  allowed: 'a text or a list of texts: ollama, localhost, or a base URL',
  read: (value, where, report) => {
    const names = Array.isArray(value) ? value : [value];
    return listOf(text, { min: 1 }).read(names, where, report);
  },
};

/** What a recipe says of its documents, their results and their cost. */
export function readHandling(settings: Settings, output: OutputRules, report: Report): Handling {
  const onTooLong = settings.take('on_too_long', oneOf('fail', 'truncate', 'split'));
  return {
    pdf: settings.take('pdf', oneOf('native', 'cloudflare-ai', 'mistral-ocr', 'text')),
    onTooLong: onTooLong ?? PLAIN_HANDLING.onTooLong,
    split: readSplit(settings, onTooLong === 'split', report),
    onLength: settings.take('on_length', oneOf('fail', 'retry', 'continue')) ?? PLAIN_HANDLING.onLength,
    output,
    keep: settings.take('keep', listOf(oneOf('reasoning', 'annotations', 'images'))) ?? PLAIN_HANDLING.keep,
    after: settings.take('after', oneOf('keep', 'archive', 'delete')),
    concurrency: settings.take('concurrency', wholeNumber(1, HIGHEST_CONCURRENCY)),
    maxCostUsd: settings.take('max_cost', dollars),
  };
}

export function readApis(settings: Settings): readonly string[] | null {
  return settings.take('api', apis);
}

function readSplit(settings: Settings, splits: boolean, report: Report): SplitRules {
  const tokens = settings.take('split.tokens', wholeNumber(FEWEST_PART_TOKENS));
  const overlap = settings.take('split.overlap', wholeNumber(0, LONGEST_OVERLAP));
  const combine = settings.take('split.combine', text);
  const given = ['split.tokens', 'split.overlap', 'split.combine'].find((name) => settings.has(name));
  if (given !== undefined && !splits) report(settings.whereIs(given), 'is only for on_too_long: split');
  if (tokens !== null && overlap !== null && overlap > tokens / 2)
    report(settings.whereIs('split.overlap'), `is ${overlap}; it takes at most half of split.tokens, ${tokens / 2}`);

  return { tokens, overlap: overlap ?? PLAIN_HANDLING.split.overlap, combine };
}

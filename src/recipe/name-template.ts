import { posix } from 'node:path';
import type { OutputRules } from '../domain/recipe.ts';
import { scalar } from '../lib/shapes.ts';

const LONGEST_ENDING = 20;
const LONGEST_NAME = 200;

const ENDING = /^\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i;

/** How the names end of what is filed beside results, or in place of them. */
const TAKEN = /(^|\.)(receipt\.json|error\.json|partial\.md|reasoning\.md|annotations\.json|image-\d+\.[a-z]+|tmp)$/i;

const PLACEHOLDER = /\{\{\s*(name|stem|folder|path|extension)\s*\}\}/g;

/** Control characters, and what some system does not allow in a file's name. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const UNFIT = /[\u0000-\u001F\u007F\\:*?"<>|{}]/;

/** The ending of results: `srt`, `.srt`. */
export const endingShape = scalar(
  `an ending such as srt, of at most ${LONGEST_ENDING} letters and digits, and not one that sluice writes beside results`,
  (value): value is string =>
    typeof value === 'string' && value.length <= LONGEST_ENDING && ENDING.test(value) && !TAKEN.test(value),
  { type: 'string', maxLength: LONGEST_ENDING },
);

/** A template of the names of results. */
export const nameShape = scalar(
  'a path below the outbox, without .., made with {{name}}, {{stem}}, {{folder}}, {{path}} or {{extension}}',
  (value): value is string => {
    if (typeof value !== 'string' || value.length > LONGEST_NAME) return false;
    const literal = value.replaceAll(PLACEHOLDER, 'x');
    const leadsOut = literal.split('/').some((segment) => ['', '.', '..'].includes(segment.trim()));
    return literal !== value && !UNFIT.test(literal) && !leadsOut;
  },
  { type: 'string', maxLength: LONGEST_NAME },
);

/** Whether a result by this template, with this ending, may be taken for what is filed beside another. */
export function isTaken(template: string, ending: string): boolean {
  return TAKEN.test(posix.basename(`${template.replaceAll(PLACEHOLDER, 'x')}${ending}`));
}

/** How results end if the recipe does not say. */
export function endingOf(format: OutputRules['format']): string {
  return format === 'json' ? '.json' : '.md';
}

/**
 * The name of a document's result, without its ending, by a recipe's template: made of `{{name}}` (`report.pdf`),
 * `{{stem}}` (`report`), `{{extension}}` (`pdf`), `{{folder}}` (`q1`) and `{{path}}` (`q1/report.pdf`). A name that
 * comes out empty, or would lead elsewhere, is the id. `outbox/safe-names.ts` makes a file's name of it.
 */
export function namedResult(template: string, id: string): string {
  const { base, name, ext, dir } = posix.parse(id);
  const values = new Map([
    ['name', base],
    ['stem', name],
    ['extension', ext.slice(1)],
    ['folder', dir],
    ['path', id],
  ]);
  const path = template.replaceAll(PLACEHOLDER, (whole, key: string) => values.get(key) ?? whole);
  // Without the slashes that an empty folder leaves.
  const steps = path.split('/').filter((step) => step !== '');
  const leadsOut = steps.some((step) => /^\.{1,2}$/.test(step.trim()) || /[\\\0]/.test(step));
  return steps.length === 0 || leadsOut ? id : steps.join('/');
}

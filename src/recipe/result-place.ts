import { posix } from 'node:path';
import type { OutputRules } from '../domain/recipe.ts';
import type { ResultPlace } from '../domain/request.ts';
import type { RecipeDefinition } from './recipe-definition.ts';

/**
 * Where the result of a document belongs: under its id, or where the recipe's template of a name says, made of `{{name}}`
 * (`report.pdf`), `{{stem}}` (`report`), `{{extension}}` (`pdf`), `{{folder}}` (`q1`) and `{{path}}` (`q1/report.pdf`).
 * A name that comes out empty, or would lead elsewhere, is the id.
 */
export function resultPlace(
  { resultName, resultEnding, handling }: Pick<RecipeDefinition, 'resultName' | 'resultEnding' | 'handling'>,
  id: string,
): ResultPlace {
  const name = resultName === null ? id : (sound(filled(resultName, id)) ?? id);
  return { name, ending: resultEnding ?? endingOf(handling.output.format) };
}

/** How results end where the recipe does not say. */
export function endingOf(format: OutputRules['format']): string {
  return format === 'json' ? '.json' : '.md';
}

function filled(template: string, id: string): string {
  const { base, name, ext, dir } = posix.parse(id);
  const values = new Map([
    ['name', base],
    ['stem', name],
    ['extension', ext.slice(1)],
    ['folder', dir],
    ['path', id],
  ]);
  return template.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (whole, key: string) => values.get(key) ?? whole);
}

/** Without the slashes that an empty folder leaves; null where it is no path below the outbox. */
function sound(name: string): string | null {
  const steps = name.split('/').filter((step) => step !== '');
  const leadsOut = steps.some((step) => /^\.{1,2}$/.test(step.trim()) || /[\\\0]/.test(step));
  return steps.length === 0 || leadsOut ? null : steps.join('/');
}

import type { OutputRules } from '../domain/recipe.ts';
import type { RecipeDefinition } from './recipe-definition.ts';
import type { Report } from './report.ts';
import { endingShape, isTaken, nameShape } from './result-names.ts';
import { endingOf } from './result-place.ts';
import { schemaShape } from './schema-shape.ts';
import type { Settings } from './settings.ts';
import { oneOf } from './shapes.ts';

interface Output extends Pick<RecipeDefinition, 'resultName' | 'resultEnding'> {
  readonly output: OutputRules;
}

/** What an answer must be, and where it goes. A schema alone asks for JSON. */
export function readOutput(settings: Settings, trusted: boolean, report: Report): Output {
  const given = settings.take('output.format', oneOf('json', 'text'));
  const schema = settings.take('output.schema', schemaShape(trusted));
  const extract = settings.take('output.extract', oneOf('fenced'));
  const extension = settings.take('output.extension', endingShape);
  const resultName = settings.take('output.name', nameShape);
  const format = given ?? (settings.has('output.schema') ? 'json' : 'text');

  if (format === 'text' && schema !== null)
    report(settings.whereIs('output.schema'), 'is only for format: json, and the format is text');
  if (format === 'json' && extract !== null)
    report(settings.whereIs('output.extract'), 'is only for text: JSON is found in an answer anyway');
  const resultEnding = extension === null || extension.startsWith('.') ? extension : `.${extension}`;
  const ending = resultEnding ?? endingOf(format);
  if (resultName !== null && isTaken(resultName, ending))
    report(settings.whereIs('output.name'), `makes, with ${ending}, a name that sluice writes beside results`);
  return { output: { format, schema, extract }, resultName, resultEnding };
}

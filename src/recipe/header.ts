import { type Handling, type OutputRules, PLAIN_HANDLING, type SplitRules } from '../domain/recipe.ts';
import type { JsonRecord } from '../lib/json.ts';
import {
  anything,
  fields,
  listOf,
  mapOf,
  meantName,
  oneOf,
  type ReportProblem,
  type Shape,
  scalar,
  text,
  unknownName,
  wholeNumber,
} from '../lib/shapes.ts';
import { pluginPdfEngines, readConfig } from './config.ts';
import { CONFIG_FIELDS } from './config-fields.ts';
import { endingOf, endingShape, isTaken, nameShape } from './name-template.ts';
import { type RecipeDefinition, VARIABLES } from './recipe-definition.ts';
import { schemaShape } from './schema.ts';
import { readSettings, type SettingsReader } from './settings.ts';

const modelId = scalar(
  'the id of a model, as the API knows it',
  (value): value is string => typeof value === 'string' && /^\S+$/.test(value),
  { type: 'string', pattern: '^\\S+$' },
);

const input = fields({
  default: fields(Object.fromEntries(VARIABLES.map((name) => [name, anything]))),
  schema: anything,
});

/** Of what stands at its top, beside the sections that are read setting by setting. */
export const HEADER_SHAPES = { model: modelId, input } as const;

/** The shape of each setting below `output` and `sluice`, by its name, as `readHeader` takes them. */
export function settingShapes(): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>();
  const noting: SettingsReader = {
    take: (name, shape) => {
      shapes.set(name, shape);
      return null;
    },
    has: () => false,
    whereIs: (name) => name,
    close: () => undefined,
  };
  const { output } = readOutput(noting, true, () => undefined);
  readHandling(noting, output, () => undefined);
  noting.take('api', apiNames);
  return shapes;
}

/** What the front matter of a recipe says. All that is wrong with it is reported; the value is then of no use. */
export function readHeader(
  header: JsonRecord,
  trusted: boolean,
  report: ReportProblem,
): Omit<RecipeDefinition, 'name' | 'template'> {
  checkNames(header, report);
  section(header, 'input', HEADER_SHAPES.input, report);
  const config = readConfig(section(header, 'config', mapOf(anything), report) ?? {}, report);
  const settings = readSettings(header, report);
  const { output, ...result } = readOutput(settings, trusted, report);
  const handling = readHandling(settings, output, report);
  const apis = settings.take('api', apiNames);
  settings.close();
  return {
    model: section(header, 'model', HEADER_SHAPES.model, report),
    ...config,
    handling: { ...handling, pdf: handling.pdf ?? pluginPdfEngines(config.fields)[0] ?? null },
    ...result,
    apis,
  };
}

/** A section whose lines are all commented out holds nothing, and is as if it were not there. */
function section<Value>(header: JsonRecord, name: string, shape: Shape<Value>, report: ReportProblem): Value | null {
  const value = header[name];
  return value === undefined || value === null ? null : (shape.read(value, name, report) ?? null);
}

/** dotprompt's names, and ours. What is for people or for other programs is left to them. */
export const KNOWN = [
  'name',
  'variant',
  'version',
  'description',
  'model',
  'config',
  'input',
  'output',
  'ext',
  'metadata',
  'sluice',
];

/** Reports names at the top of the front matter that mean nothing there: they would have no effect, unnoticed. */
function checkNames(header: JsonRecord, report: ReportProblem): void {
  for (const name of Object.keys(header)) {
    const problem = KNOWN.includes(name) ? null : (name.includes('.') ? misplaced : misnamed)(name);
    if (problem !== null) report(name, problem);
  }
}

function misnamed(name: string): string {
  if (name === 'tools' || name === 'toolDefs') return 'is not for a recipe to set: sluice calls no tools';
  if (Object.hasOwn(CONFIG_FIELDS, name)) return `is not known here: did you mean config.${name}?`;

  return unknownName(name, KNOWN);
}

/** With dotprompt, `anyone.setting` is a setting of any other program. */
function misplaced(name: string): string | null {
  const [space = '', ...rest] = name.split('.');
  if (space === 'sluice') return null;
  if (KNOWN.includes(space)) return `is not read so: write ${rest.join('.')} below ${space}:`;

  const meant = meantName(space, KNOWN);
  return meant === null ? null : `is not known: did you mean ${[meant, ...rest].join('.')}?`;
}

/** What an answer must be, and where it goes. A schema alone asks for JSON. */
function readOutput(
  settings: SettingsReader,
  trusted: boolean,
  report: ReportProblem,
): Pick<RecipeDefinition, 'resultName' | 'resultEnding'> & Pick<Handling, 'output'> {
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

/** Smaller parts would be nearly all prompt. */
const FEWEST_PART_TOKENS = 100;
/** Tokens. */
const LONGEST_OVERLAP = 100_000;
const HIGHEST_CONCURRENCY = 10_000;

const dollars = scalar(
  'US dollars of more than 0, as 2.50',
  (value): value is number => typeof value === 'number' && Number.isFinite(value) && value > 0,
  { type: 'number', exclusiveMinimum: 0 },
);

const apiNames: Shape<readonly string[]> = {
  allowed: 'a text or a list of texts: ollama, localhost, or a base URL',
  schema: { anyOf: [text.schema, { type: 'array', items: text.schema, minItems: 1 }] },
  read: (value, where, report) => {
    const names = Array.isArray(value) ? value : [value];
    return listOf(text, { min: 1 }).read(names, where, report);
  },
};

/** What a recipe says of its documents, their results and their cost. */
function readHandling(settings: SettingsReader, output: OutputRules, report: ReportProblem): Handling {
  const onTooLong = settings.take('on_too_long', oneOf('fail', 'truncate', 'split'));
  return {
    pdf: settings.take('pdf', oneOf('native', 'cloudflare-ai', 'mistral-ocr', 'text')),
    onTooLong: onTooLong ?? PLAIN_HANDLING.onTooLong,
    split: readSplit(settings, onTooLong === 'split', report),
    leftOut: settings.take('left_out', oneOf('note', 'fail')) ?? PLAIN_HANDLING.leftOut,
    onLength: settings.take('on_length', oneOf('fail', 'retry', 'continue')) ?? PLAIN_HANDLING.onLength,
    output,
    keep: settings.take('keep', listOf(oneOf('reasoning', 'annotations', 'images'))) ?? PLAIN_HANDLING.keep,
    after: settings.take('after', oneOf('keep', 'archive', 'delete')),
    concurrency: settings.take('concurrency', wholeNumber(1, HIGHEST_CONCURRENCY)),
    maxCostUsd: settings.take('max_cost', dollars),
  };
}

function readSplit(settings: SettingsReader, splits: boolean, report: ReportProblem): SplitRules {
  const tokens = settings.take('split.tokens', wholeNumber(FEWEST_PART_TOKENS));
  const overlap = settings.take('split.overlap', wholeNumber(0, LONGEST_OVERLAP));
  const combine = settings.take('split.combine', text);
  const given = ['split.tokens', 'split.overlap', 'split.combine'].find((name) => settings.has(name));
  if (given !== undefined && !splits) report(settings.whereIs(given), 'is only for on_too_long: split');
  if (tokens !== null && overlap !== null && overlap > tokens / 2)
    report(settings.whereIs('split.overlap'), `is ${overlap}; it takes at most half of split.tokens, ${tokens / 2}`);

  return { tokens, overlap: overlap ?? PLAIN_HANDLING.split.overlap, combine };
}

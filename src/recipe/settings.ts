import { type Handling, PLAIN_HANDLING, type SplitRules } from '../domain/recipe.ts';
import { isRecord, type JsonRecord } from '../lib/json.ts';
import {
  listOf,
  oneOf,
  type ReportProblem,
  type Shape,
  scalar,
  shown,
  text,
  unknownName,
  wholeNumber,
} from '../lib/shapes.ts';
import { endingOf, endingShape, isTaken, nameShape } from './name-template.ts';
import { schemaShape } from './schema.ts';

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

/** The shape of each setting below `output` and `sluice`, by its name. */
export function settingShapes(trusted: boolean) {
  return {
    'output.format': oneOf('json', 'text'),
    'output.schema': schemaShape(trusted),
    'output.extract': oneOf('fenced'),
    'output.extension': endingShape,
    'output.name': nameShape,
    on_too_long: oneOf('fail', 'truncate', 'split'),
    pdf: oneOf('native', 'cloudflare-ai', 'mistral-ocr', 'text'),
    'split.tokens': wholeNumber(FEWEST_PART_TOKENS),
    'split.overlap': wholeNumber(0, LONGEST_OVERLAP),
    'split.combine': text,
    left_out: oneOf('note', 'fail'),
    on_length: oneOf('fail', 'retry', 'continue'),
    keep: listOf(oneOf('reasoning', 'annotations', 'images')),
    after: oneOf('keep', 'archive', 'delete'),
    concurrency: wholeNumber(1, HIGHEST_CONCURRENCY),
    max_cost: dollars,
    api: apiNames,
  };
}

type SettingShapes = ReturnType<typeof settingShapes>;
type SettingName = keyof SettingShapes;
/** Null: not given, or not as its shape wants it, which is reported. */
type SettingValues = {
  readonly [Name in SettingName]: SettingShapes[Name] extends Shape<infer Value> ? Value | null : never;
};

/** The settings of a recipe. */
interface Settings {
  readonly values: SettingValues;
  readonly has: (name: SettingName) => boolean;
  /** Reports a problem with a setting, at its place in the file. */
  readonly report: (name: SettingName, problem: string) => void;
}

/** What a recipe says beside model, config and prompt. All that is wrong with it is reported. */
export function readSettings(header: JsonRecord, trusted: boolean, report: ReportProblem) {
  const settings = settingsOf(header, trusted, report);
  const { values } = settings;
  const { output, ...result } = readOutput(settings);
  const handling: Handling = {
    pdf: values.pdf,
    onTooLong: values.on_too_long ?? PLAIN_HANDLING.onTooLong,
    split: readSplit(settings),
    leftOut: values.left_out ?? PLAIN_HANDLING.leftOut,
    onLength: values.on_length ?? PLAIN_HANDLING.onLength,
    output,
    keep: values.keep ?? PLAIN_HANDLING.keep,
    after: values.after,
    concurrency: values.concurrency,
    maxCostUsd: values.max_cost,
  };
  return { handling, ...result, apis: values.api };
}

/** What an answer must be, and where it goes. A schema alone asks for JSON. */
function readOutput({ values, has, report }: Settings) {
  const { 'output.schema': schema, 'output.extract': extract, 'output.extension': extension } = values;
  const format = values['output.format'] ?? (has('output.schema') ? 'json' : 'text');
  if (format === 'text' && schema !== null) report('output.schema', 'is only for format: json, and the format is text');
  if (format === 'json' && extract !== null)
    report('output.extract', 'is only for text: JSON is found in an answer anyway');
  const resultName = values['output.name'];
  const resultEnding = extension === null || extension.startsWith('.') ? extension : `.${extension}`;
  const ending = resultEnding ?? endingOf(format);
  if (resultName !== null && isTaken(resultName, ending))
    report('output.name', `makes, with ${ending}, a name that sluice writes beside results`);
  return { output: { format, schema, extract }, resultName, resultEnding };
}

function readSplit({ values, has, report }: Settings): SplitRules {
  const { 'split.tokens': tokens, 'split.overlap': overlap, 'split.combine': combine } = values;
  const given = (['split.tokens', 'split.overlap', 'split.combine'] as const).find(has);
  if (given !== undefined && values.on_too_long !== 'split') report(given, 'is only for on_too_long: split');
  if (tokens !== null && overlap !== null && overlap > tokens / 2)
    report('split.overlap', `is ${overlap}; it takes at most half of split.tokens, ${tokens / 2}`);
  return { tokens, overlap: overlap ?? PLAIN_HANDLING.split.overlap, combine };
}

function settingsOf(header: JsonRecord, trusted: boolean, report: ReportProblem): Settings {
  const given = new Map<string, GivenSetting>();
  for (const setting of settingsIn(header, report)) {
    const twin = given.get(setting.name);
    if (twin === undefined) given.set(setting.name, setting);
    else report(setting.where, twin.where === setting.where ? 'is given twice' : `is given as ${twin.where}, too`);
  }
  const shapes = Object.entries<Shape>(settingShapes(trusted));
  const values = shapes.map(([name, shape]) => {
    const setting = given.get(name);
    return [name, setting === undefined ? null : (shape.read(setting.value, setting.where, report) ?? null)];
  });
  const known = shapes.map(([name]) => name);
  for (const { name, where } of given.values()) {
    // Settings of one group are not suggested for another.
    const kin = [...known, ...GROUPS].filter((other) => groupOf(other) === groupOf(name));
    if (!known.includes(name)) report(where, unknownName(name, kin));
  }
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each value was read by its own shape
    values: Object.fromEntries(values) as SettingValues,
    has: (name) => given.has(name),
    report: (name, problem) => report(given.get(name)?.where ?? name, problem),
  };
}

interface GivenSetting {
  readonly name: string;
  /** Its place in the file: `sluice.output.name`. */
  readonly where: string;
  readonly value: unknown;
}

const NAMESPACE = 'sluice';

const GROUPS = ['output', 'split'];

/** Those under `output` and `sluice`, also those that are written like `sluice.output.name: x`. */
function settingsIn(header: JsonRecord, report: ReportProblem): readonly GivenSetting[] {
  const dotted = Object.entries(header)
    .filter(([name]) => name.startsWith(`${NAMESPACE}.`))
    .map(([where, value]) => ({ name: where.slice(NAMESPACE.length + 1), where, value }));
  const nested = entriesOf({ name: '', where: NAMESPACE, value: header[NAMESPACE] }, report);
  const output = { name: 'output', where: 'output', value: header['output'] };
  return [output, ...nested, ...dotted].flatMap((setting) =>
    GROUPS.includes(setting.name) ? entriesOf(setting, report) : [setting],
  );
}

/** A section whose settings are all commented out is null. */
function entriesOf({ name, where, value }: GivenSetting, report: ReportProblem): readonly GivenSetting[] {
  if (value === undefined || value === null) return [];
  if (!isRecord(value)) {
    report(where, `is ${shown(value)}; it takes a map of settings`);
    return [];
  }
  return Object.entries(value).map(([key, item]) => ({
    name: name === '' ? key : `${name}.${key}`,
    where: `${where}.${key}`,
    value: item,
  }));
}

/** The JSON Schemas of a group's settings, by their names in it; '' is the group of those that have none. */
export function settingSchemas(group: string): JsonRecord {
  const inside = Object.entries<Shape>(settingShapes(true)).filter(([name]) => groupOf(name) === group);
  return Object.fromEntries(inside.map(([name, { schema }]) => [name.slice(name.indexOf('.') + 1), schema]));
}

function groupOf(name: string): string {
  return name.includes('.') ? name.slice(0, name.indexOf('.')) : '';
}

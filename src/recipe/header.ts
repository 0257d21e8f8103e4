import type { Handling } from '../domain/recipe.ts';
import type { JsonRecord } from '../lib/json.ts';
import {
  anything,
  fields,
  mapOf,
  meantName,
  orNull,
  type ReportProblem,
  type Shape,
  scalar,
  unknownName,
} from '../lib/shapes.ts';
import { VARIABLES } from './check-template.ts';
import { pluginPdfEngines, readConfig } from './config.ts';
import { CONFIG_FIELDS } from './config-fields.ts';
import { readSettings, settingSchemas } from './settings.ts';

/** What a recipe file says, checked. */
export interface RecipeDefinition {
  /** How people and receipts call it: `_recipe.prompt` of `q1/` is `inbox/q1/_recipe.prompt`. */
  readonly name: string;
  /** `plain`: the system message, as it is. `dotprompt`: the Handlebars body, without its front matter. */
  readonly template: { readonly kind: 'plain' | 'dotprompt'; readonly text: string };
  /** Null: the run's. */
  readonly model: string | null;
  /** Fields of the chat-completions body, without the longest answer. */
  readonly fields: JsonRecord;
  /** The longest answer, in tokens; null: the run's. */
  readonly maxTokens: number | null;
  readonly handling: Handling;
  /** A template of the result's name, without its ending; null: the document's id. */
  readonly resultName: string | null;
  /** With the dot; null: `.md`, or `.json` for JSON. */
  readonly resultEnding: string | null;
  /** The only APIs that documents of it may go to: names (`ollama`), hosts (`localhost`) or base URLs; null: any. */
  readonly apis: readonly string[] | null;
}

const modelId = scalar(
  'the id of a model, as the API knows it',
  (value): value is string => typeof value === 'string' && /^\S+$/.test(value),
  { type: 'string', pattern: '^\\S+$' },
);

const input = fields({
  default: fields(Object.fromEntries(VARIABLES.map((name) => [name, anything]))),
  schema: anything,
});

/** What the front matter of a recipe says. All that is wrong with it is reported; the value is then of no use. */
export function readHeader(
  header: JsonRecord,
  trusted: boolean,
  report: ReportProblem,
): Omit<RecipeDefinition, 'name' | 'template'> {
  checkNames(header, report);
  section(header, 'input', input, report);
  const config = readConfig(section(header, 'config', mapOf(anything), report) ?? {}, report);
  const { handling, ...settings } = readSettings(header, trusted, report);
  return {
    model: section(header, 'model', modelId, report),
    ...config,
    ...settings,
    handling: { ...handling, pdf: handling.pdf ?? pluginPdfEngines(config.fields)[0] ?? null },
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

/** JSON Schema of the front matter of a recipe, for editors, made of the shapes that it is read with. */
export function frontMatterSchema(): JsonRecord {
  const config = Object.entries(CONFIG_FIELDS).map(([name, { schema }]) => [name, schema]);
  const output = sectionSchema(settingSchemas('output'));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'The front matter of a recipe',
    type: ['object', 'null'],
    properties: {
      ...Object.fromEntries(KNOWN.map((name) => [name, {}])),
      model: orNull(modelId).schema,
      input: orNull(input).schema,
      // The API may know more fields than we do.
      config: { ...sectionSchema(Object.fromEntries(config)), additionalProperties: true },
      output,
      sluice: sectionSchema({ ...settingSchemas(''), output, split: sectionSchema(settingSchemas('split')) }),
    },
    // As dotprompt has it, `anyone.setting` is of any program.
    patternProperties: { '^[^.]+[.].+$': {} },
    additionalProperties: false,
  };
}

/** A section whose lines are all commented out is null. */
function sectionSchema(properties: JsonRecord): JsonRecord {
  return { type: ['object', 'null'], properties, additionalProperties: false };
}

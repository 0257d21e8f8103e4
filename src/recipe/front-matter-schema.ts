import type { JsonRecord } from '../lib/json.ts';
import { CONFIG_FIELDS } from './config-fields.ts';
import { HEADER_SHAPES, KNOWN, settingShapes } from './header.ts';

/** JSON Schema of the front matter of a recipe, for editors, made of the shapes that it is read with. */
export function frontMatterSchema(): JsonRecord {
  const settings = settingShapes();
  const output = group(settings, 'output');
  const own = new Map([...settings].filter(([name]) => !name.includes('.')));
  const sluice = section({ ...schemasOf(own), output, split: group(settings, 'split') });
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'The front matter of a recipe',
    type: ['object', 'null'],
    properties: {
      ...Object.fromEntries(KNOWN.map((name) => [name, {}])),
      ...Object.fromEntries(Object.entries(HEADER_SHAPES).map(([name, { schema }]) => [name, orNothing(schema)])),
      // The API may know more fields than we do.
      config: { ...section(schemasOf(new Map(Object.entries(CONFIG_FIELDS)))), additionalProperties: true },
      output,
      sluice,
    },
    // As dotprompt has it, `anyone.setting` is of any program.
    patternProperties: { '^[^.]+[.].+$': {} },
    additionalProperties: false,
  };
}

type Settings = ReturnType<typeof settingShapes>;

function group(settings: Settings, name: string): JsonRecord {
  const inside = [...settings].filter(([key]) => key.startsWith(`${name}.`));
  return section(schemasOf(new Map(inside.map(([key, shape]) => [key.slice(name.length + 1), shape]))));
}

function schemasOf(settings: Settings): JsonRecord {
  return Object.fromEntries([...settings].map(([name, { schema }]) => [name, schema]));
}

/** A section whose lines are all commented out is null. */
function section(properties: JsonRecord): JsonRecord {
  return { type: ['object', 'null'], properties, additionalProperties: false };
}

function orNothing(schema: JsonRecord): JsonRecord {
  return { anyOf: [schema, { type: 'null' }] };
}

import type { JsonRecord } from '../lib/json.ts';
import { frontMatterSchema } from '../recipe/header.ts';
import { flagOf, optionKeys, optionTable } from './options/table.ts';

/** What editors check files of a workspace by, by the name of each schema's file. */
export function editorSchemas(): Readonly<Record<'config.schema.json' | 'recipe.schema.json', JsonRecord>> {
  return { 'config.schema.json': configSchema(), 'recipe.schema.json': frontMatterSchema() };
}

/** JSON Schema of `sluice.config.yaml`, for editors: every option by its flag, and nothing else. */
function configSchema(): JsonRecord {
  // The file lies in the workspace: it cannot say where that is.
  const keys = optionKeys.filter((key) => key !== 'root');
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'sluice.config.yaml: the options of a workspace',
    type: ['object', 'null'],
    properties: Object.fromEntries(
      keys.map((key) => [flagOf(key), { description: optionTable[key].help, ...optionTable[key].kind.schema }]),
    ),
    additionalProperties: false,
  };
}

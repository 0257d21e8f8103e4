import type { JsonRecord } from '../lib/json.ts';
import { frontMatterSchema } from '../recipe/front-matter-schema.ts';
import { configSchema } from './options/config-schema.ts';

/** What editors check files of a workspace by, by the name of each schema's file. */
export function editorSchemas(): Readonly<Record<'config.schema.json' | 'recipe.schema.json', JsonRecord>> {
  return { 'config.schema.json': configSchema(), 'recipe.schema.json': frontMatterSchema() };
}

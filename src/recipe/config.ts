import type { JsonRecord } from '../lib/json.ts';
import { CONFIG_FIELDS } from './config-fields.ts';
import { OTHER_NAMES, OWNED_FIELDS } from './owned-fields.ts';
import type { RecipeDefinition } from './recipe-definition.ts';
import type { Report } from './report.ts';
import { meantName, notThatName, snakeCase } from './unknown-name.ts';

/** As the API writes all its fields. */
const PLAIN_NAME = /^[a-z][a-z0-9_]*$/;

const SECRET = /api_?key|authorization|secret|password/i;

const MAX_TOKENS = ['max_tokens', 'max_completion_tokens'];

/**
 * Fields of the chat-completions body. Known ones are held to their types. One that is not known passes where it is
 * written as the API writes its fields and looks like none of the known: the API may be newer than this program.
 */
export function readConfig(config: JsonRecord, report: Report): Pick<RecipeDefinition, 'fields' | 'maxTokens'> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(config)) {
    const where = `config.${name}`;
    const problem = misnamed(name);
    if (problem !== null) report(where, problem);
    else {
      own(CONFIG_FIELDS, name)?.read(value, where, report);
      if (!MAX_TOKENS.includes(name)) fields[name] = value;
    }
  }
  return { fields, maxTokens: longestAnswer(config, report) };
}

function misnamed(name: string): string | null {
  if (Object.hasOwn(CONFIG_FIELDS, name)) return null;

  const owned = own(OWNED_FIELDS, snakeCase(name));
  if (owned !== undefined) return `is not for a recipe to set: ${owned}`;
  if (SECRET.test(name)) return 'is not for a recipe to set: keys come from the environment';

  const meant = own(OTHER_NAMES, snakeCase(name)) ?? meantName(name, Object.keys(CONFIG_FIELDS));
  if (meant !== null) return notThatName(meant);

  return PLAIN_NAME.test(name) ? null : 'is no field of the API: all are written in small letters, as max_tokens';
}

function longestAnswer(config: JsonRecord, report: Report): number | null {
  const given = MAX_TOKENS.filter((name) => typeof config[name] === 'number');
  if (given.length > 1) report('config.max_tokens', 'and config.max_completion_tokens are one and the same: give one');

  const value = config[given[0] ?? ''];
  return typeof value === 'number' ? value : null;
}

/** Not what every object has: a field may be called `constructor`. */
function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

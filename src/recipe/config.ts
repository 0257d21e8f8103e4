import type { PdfEngine } from '../domain/recipe.ts';
import { asArray, asObject, isRecord, type JsonRecord } from '../lib/json.ts';
import { meantName, notThatName, type ReportProblem, snakeCase } from '../lib/shapes.ts';
import { CONFIG_FIELDS } from './config-fields.ts';

/** As the API writes all its fields. */
const PLAIN_NAME = /^[a-z][a-z0-9_]*$/;

const SECRET = /api_?key|authorization|secret|password/i;

const MAX_TOKENS = ['max_tokens', 'max_completion_tokens'];

/**
 * Fields of the chat-completions body. Known ones are checked by their types. One that is not known passes if it is
 * written as the API writes its fields and looks like none of the known: the API may be newer than this program.
 */
export function readConfig(
  config: JsonRecord,
  report: ReportProblem,
): { readonly fields: JsonRecord; readonly maxTokens: number | null } {
  const taken: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(config)) {
    const where = `config.${name}`;
    const problem = misnamed(name);
    if (problem !== null) report(where, problem);
    else {
      own(CONFIG_FIELDS, name)?.read(value, where, report);
      if (!MAX_TOKENS.includes(name)) taken[name] = value;
    }
  }
  return { fields: taken, maxTokens: longestAnswer(config, report) };
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

function longestAnswer(config: JsonRecord, report: ReportProblem): number | null {
  const given = MAX_TOKENS.map((name) => config[name]).filter((value) => typeof value === 'number');
  if (given.length > 1) report('config.max_tokens', 'and config.max_completion_tokens are one and the same: give one');
  return given[0] ?? null;
}

/** An entry of a table, and nothing that every object inherits: a field may be called `constructor`. */
function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** The plugins that a recipe turns on; `enabled: false` turns one off. */
export function pluginsOf(config: JsonRecord): readonly JsonRecord[] {
  return asArray(config['plugins'])
    .filter(isRecord)
    .filter(({ enabled }) => enabled !== false);
}

/** The engines that `config.plugins` names for PDFs: at most one, or the recipe is refused. */
export function pluginPdfEngines(config: JsonRecord): readonly PdfEngine[] {
  return pluginsOf(config)
    .filter(({ id }) => id === 'file-parser')
    .flatMap(({ pdf }) => {
      const { engine } = asObject(pdf);
      // Its old name.
      if (engine === 'pdf-text') return ['cloudflare-ai'];
      return engine === 'native' || engine === 'cloudflare-ai' || engine === 'mistral-ocr' ? [engine] : [];
    });
}

const TOOLS = 'sluice calls no tools: an answer comes from the document alone';

/** Fields of chat completions that a recipe may not set, with the reason. */
const OWNED_FIELDS: Readonly<Record<string, string>> = {
  functions: TOOLS,
  function_call: TOOLS,
  messages: 'the prompt below the front matter makes them',
  model: 'it stands at the top of the front matter, beside config',
  n: 'a document has one result',
  parallel_tool_calls: TOOLS,
  response_format: 'write output.format and output.schema instead',
  stop_server_tools_when: TOOLS,
  stream: 'it is for the run to say (--stream, --no-stream)',
  stream_options: 'it is for the run to say (--stream, --no-stream)',
  tool_choice: TOOLS,
  tools: TOOLS,
  usage: 'tokens and cost are told anyway',
};

/** Names that other programs have for a field, beside those that only differ in notation. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  max_output_tokens: 'max_tokens',
  stop_sequences: 'stop',
  thinking: 'reasoning',
  thinking_config: 'reasoning',
  version: 'model, at the top of the front matter',
};

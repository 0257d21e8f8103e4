import type { JsonRecord } from '../lib/json.ts';
import {
  anything,
  either,
  fields,
  listOf,
  mapOf,
  meantName,
  notThatName,
  number,
  oneOf,
  orNull,
  type ReportProblem,
  type Shape,
  snakeCase,
  text,
  textUpTo,
  trueOrFalse,
  wholeNumber,
} from '../lib/shapes.ts';
import { plugins, provider } from './plugins.ts';
import type { RecipeDefinition } from './recipe-definition.ts';

/** As `--reasoning` names them. */
const effort = orNull(oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'));

const reasoning = fields(
  {
    effort,
    max_tokens: orNull(wholeNumber(1)),
    exclude: orNull(trueOrFalse),
    enabled: orNull(trueOrFalse),
    summary: orNull(oneOf('auto', 'concise', 'detailed')),
  },
  { open: true },
);

const cacheControl = fields({ type: oneOf('ephemeral'), ttl: oneOf('5m', '1h') }, { open: true, required: ['type'] });

const prediction = fields(
  { type: oneOf('content'), content: either(text, listOf(mapOf(anything))) },
  { open: true, required: ['type', 'content'] },
);

const penalty = orNull(number(-2, 2));

/**
 * What `config` of a recipe may hold: the fields of OpenRouter's chat completions (openapi: ChatRequest), and those that
 * OpenAI alone knows. Null if that says so.
 */
export const CONFIG_FIELDS: Readonly<Record<string, Shape>> = {
  cache_control: cacheControl,
  debug: fields({ echo_upstream_body: trueOrFalse }, { open: true }),
  frequency_penalty: penalty,
  image_config: mapOf(either(text, number(), listOf(anything))),
  include_reasoning: trueOrFalse,
  logit_bias: orNull(mapOf(number(-100, 100))),
  logprobs: orNull(trueOrFalse),
  max_completion_tokens: orNull(wholeNumber(1)),
  max_tokens: orNull(wholeNumber(1)),
  metadata: mapOf(textUpTo(512), 16),
  min_p: orNull(number(0, 1)),
  modalities: listOf(oneOf('text', 'image', 'audio')),
  models: listOf(text, { min: 1 }),
  prediction: orNull(prediction),
  presence_penalty: penalty,
  prompt_cache_key: orNull(text),
  prompt_cache_options: orNull(
    fields({ mode: oneOf('explicit'), ttl: orNull(text) }, { open: true, required: ['mode'] }),
  ),
  prompt_cache_retention: orNull(text),
  provider,
  plugins,
  reasoning,
  reasoning_effort: effort,
  repetition_penalty: orNull(number(0, 2)),
  route: orNull(oneOf('fallback', 'sort')),
  safety_identifier: text,
  seed: orNull(wholeNumber()),
  service_tier: orNull(oneOf('auto', 'default', 'fast', 'flex', 'priority', 'scale')),
  session_id: textUpTo(256),
  stop: orNull(either(textUpTo(10_000), listOf(textUpTo(10_000), { max: 4 }))),
  store: orNull(trueOrFalse),
  temperature: orNull(number(0, 2)),
  top_a: orNull(number(0, 1)),
  top_k: orNull(wholeNumber(0)),
  top_logprobs: orNull(wholeNumber(0, 20)),
  top_p: orNull(number(0, 1)),
  trace: mapOf(anything),
  transforms: listOf(text),
  user: text,
  verbosity: orNull(oneOf('low', 'medium', 'high', 'xhigh', 'max')),
  web_search_options: mapOf(anything),
};

/** As the API writes all its fields. */
const PLAIN_NAME = /^[a-z][a-z0-9_]*$/;

const SECRET = /api_?key|authorization|secret|password/i;

const MAX_TOKENS = ['max_tokens', 'max_completion_tokens'];

/**
 * Fields of the chat-completions body. Known ones are checked by their types. One that is not known passes if it is
 * written as the API writes its fields and looks like none of the known: the API may be newer than this program.
 */
export function readConfig(config: JsonRecord, report: ReportProblem): Pick<RecipeDefinition, 'fields' | 'maxTokens'> {
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
  const given = MAX_TOKENS.filter((name) => typeof config[name] === 'number');
  if (given.length > 1) report('config.max_tokens', 'and config.max_completion_tokens are one and the same: give one');

  const value = config[given[0] ?? ''];
  return typeof value === 'number' ? value : null;
}

/** Not what every object has: a field may be called `constructor`. */
function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

const TOOLS = 'sluice calls no tools: an answer comes from the document alone';

/** Fields of chat completions that a recipe does not set, with the reason. */
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

import { isRecord, type JsonRecord } from '../lib/json.ts';
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
  type Shape,
  scalar,
  shown,
  text,
  textUpTo,
  trueOrFalse,
  wholeNumber,
} from '../lib/shapes.ts';

/** Fields of an object of the API, which may know more than these. */
function apiFields(table: Readonly<Record<string, Shape>>, ...required: readonly string[]): Shape<JsonRecord> {
  return fields(table, { open: true, required });
}

const domains = listOf(text);

const router = {
  allowed_models: listOf(text, { max: 1024 }),
  excluded_models: listOf(text, { max: 1024 }),
  cost_quality_tradeoff: wholeNumber(0, 10),
  cost_tier: oneOf('low', 'medium', 'high', 'xhigh', 'max'),
};

/** What each plugin takes beside `id` and `enabled` (openapi: ChatRequest.plugins). */
const PLUGINS: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  'auto-router': { ...router, pin_model: trueOrFalse },
  'auto-beta-router': router,
  'context-compression': { engine: oneOf('middle-out') },
  'file-parser': {
    pdf: apiFields({ engine: oneOf('native', 'cloudflare-ai', 'mistral-ocr', 'pdf-text') }),
  },
  fusion: {
    analysis_models: listOf(text, { min: 1, max: 8 }),
    max_tool_calls: wholeNumber(1, 16),
    model: text,
    preset: oneOf('general-high', 'general-budget', 'general-fast'),
    tools: listOf(mapOf(anything), { max: 8 }),
  },
  moderation: {},
  'pareto-router': {
    max_price: number(0),
    min_coding_score: number(0, 1),
    price_source: oneOf('prompt', 'weighted_avg'),
  },
  'response-healing': {},
  web: {
    engine: oneOf('native', 'exa', 'firecrawl', 'parallel', 'perplexity'),
    exclude_domains: domains,
    include_domains: domains,
    max_results: wholeNumber(1),
    max_uses: wholeNumber(1),
    mode: text,
    search_prompt: text,
    user_location: mapOf(anything),
  },
  'web-fetch': {
    allowed_domains: domains,
    blocked_domains: domains,
    max_content_tokens: wholeNumber(1),
    max_uses: wholeNumber(1),
  },
};

/** A plugin that looks like none of these passes: OpenRouter may know more. */
const plugin: Shape<JsonRecord> = {
  allowed: `a plugin, such as {id: ${Object.keys(PLUGINS).join(' or ')}}`,
  schema: { type: 'object', properties: { id: text.schema, enabled: trueOrFalse.schema }, required: ['id'] },
  read: (value, where, report) => {
    const id = isRecord(value) ? value['id'] : null;
    if (typeof id !== 'string') {
      report(where, `is ${shown(value)}; it takes ${plugin.allowed}`);
      return undefined;
    }
    const known = Object.hasOwn(PLUGINS, id) ? PLUGINS[id] : undefined;
    const meant = known === undefined ? meantName(id, Object.keys(PLUGINS)) : null;
    if (meant !== null) report(`${where}.id`, `${shown(id)} ${notThatName(meant)}`);
    return apiFields({ id: text, enabled: trueOrFalse, ...known }).read(value, where, report);
  },
};

/** USD per million tokens; the API's own examples write it as a text. */
const price = scalar(
  'US dollars per million tokens, as 2.50',
  (value): value is number | string =>
    (typeof value === 'number' && value >= 0) || (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value)),
  { type: ['number', 'string'] },
);

const percentiles = apiFields({ p50: number(0), p75: number(0), p90: number(0), p99: number(0) });
const preference = orNull(either(number(0), percentiles));

const order = oneOf('price', 'throughput', 'latency', 'exacto');
const slugs = orNull(listOf(text));

/** Which providers OpenRouter may choose among (openapi: ProviderPreferences). */
const provider = apiFields({
  allow_fallbacks: orNull(trueOrFalse),
  data_collection: orNull(oneOf('allow', 'deny')),
  enforce_distillable_text: orNull(trueOrFalse),
  ignore: slugs,
  max_price: apiFields({ prompt: price, completion: price, request: price, image: price, audio: price }),
  only: slugs,
  order: slugs,
  preferred_max_latency: preference,
  preferred_min_throughput: preference,
  quantizations: orNull(
    listOf(oneOf('int4', 'int8', 'fp4', 'mxfp4', 'nvfp4', 'fp6', 'fp8', 'mxfp8', 'fp16', 'bf16', 'fp32', 'unknown')),
  ),
  require_parameters: orNull(trueOrFalse),
  sort: orNull(either(order, apiFields({ by: orNull(order), partition: orNull(oneOf('model', 'none')) }))),
  zdr: orNull(trueOrFalse),
});

/** As `--reasoning` names them. */
const effort = orNull(oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'));

const reasoning = apiFields({
  effort,
  max_tokens: orNull(wholeNumber(1)),
  exclude: orNull(trueOrFalse),
  enabled: orNull(trueOrFalse),
  summary: orNull(oneOf('auto', 'concise', 'detailed')),
});

const prediction = apiFields(
  { type: oneOf('content'), content: either(text, listOf(mapOf(anything))) },
  'type',
  'content',
);

const penalty = orNull(number(-2, 2));

/**
 * What `config` of a recipe may hold: the fields of OpenRouter's chat completions (openapi: ChatRequest), and those
 * that OpenAI alone knows. Null is taken where the API's description takes it.
 */
export const CONFIG_FIELDS: Readonly<Record<string, Shape>> = {
  cache_control: apiFields({ type: oneOf('ephemeral'), ttl: oneOf('5m', '1h') }, 'type'),
  debug: apiFields({ echo_upstream_body: trueOrFalse }),
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
  prompt_cache_options: orNull(apiFields({ mode: oneOf('explicit'), ttl: orNull(text) }, 'mode')),
  prompt_cache_retention: orNull(text),
  provider: orNull(provider),
  plugins: listOf(plugin),
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

import {
  anything,
  either,
  fields,
  listOf,
  mapOf,
  number,
  oneOf,
  orNull,
  type Shape,
  text,
  textUpTo,
  trueOrFalse,
  wholeNumber,
} from '../lib/shapes.ts';
import { plugins, provider } from './plugins.ts';

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
 * OpenAI alone knows. Null where that says so.
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

import type { PdfEngine } from '../domain/recipe.ts';
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
  type ReportProblem,
  type Shape,
  scalar,
  shown,
  text,
  trueOrFalse,
  wholeNumber,
} from '../lib/shapes.ts';

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
    pdf: fields({ engine: oneOf('native', 'cloudflare-ai', 'mistral-ocr', 'pdf-text') }, { open: true }),
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
  read: (value, where, report) => {
    if (isRecord(value) && typeof value['id'] === 'string') return readPlugin(value, value['id'], where, report);

    report(where, `is ${shown(value)}; it takes ${plugin.allowed}`);
    return undefined;
  },
};

export const plugins = listOf(plugin);

function readPlugin(value: JsonRecord, id: string, where: string, report: ReportProblem): JsonRecord | undefined {
  const known = Object.hasOwn(PLUGINS, id) ? PLUGINS[id] : undefined;
  const meant = known === undefined ? meantName(id, Object.keys(PLUGINS)) : null;
  if (meant !== null) report(`${where}.id`, `${shown(id)} ${notThatName(meant)}`);

  return fields({ id: text, enabled: trueOrFalse, ...known }, { open: true }).read(value, where, report);
}

/** The plugins that a recipe turns on; `enabled: false` turns one off. */
export function pluginsOf(config: JsonRecord): readonly JsonRecord[] {
  const listed = config['plugins'];
  return Array.isArray(listed) ? listed.filter(isRecord).filter(({ enabled }) => enabled !== false) : [];
}

/** The engines that `config.plugins` names for PDFs: one, if it says something of them at all. */
export function pluginPdfEngines(config: JsonRecord): readonly PdfEngine[] {
  return pluginsOf(config)
    .filter(({ id }) => id === 'file-parser')
    .flatMap(({ pdf }) => (isRecord(pdf) ? engineOf(pdf['engine']) : []));
}

function engineOf(engine: unknown): readonly PdfEngine[] {
  // The old name of the same.
  if (engine === 'pdf-text') return ['cloudflare-ai'];

  return engine === 'native' || engine === 'cloudflare-ai' || engine === 'mistral-ocr' ? [engine] : [];
}

/** USD per million tokens; the API's own examples write it as a text. */
const price = scalar('US dollars per million tokens, as 2.50', (value): value is number | string => {
  return (typeof value === 'number' && value >= 0) || (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value));
});

const percentiles = fields({ p50: number(0), p75: number(0), p90: number(0), p99: number(0) }, { open: true });

const preference = orNull(either(number(0), percentiles));

const order = oneOf('price', 'throughput', 'latency', 'exacto');

const slugs = orNull(listOf(text));

/** Which providers OpenRouter may choose among (openapi: ProviderPreferences). */
export const provider = orNull(
  fields(
    {
      allow_fallbacks: orNull(trueOrFalse),
      data_collection: orNull(oneOf('allow', 'deny')),
      enforce_distillable_text: orNull(trueOrFalse),
      ignore: slugs,
      max_price: fields(
        { prompt: price, completion: price, request: price, image: price, audio: price },
        { open: true },
      ),
      only: slugs,
      order: slugs,
      preferred_max_latency: preference,
      preferred_min_throughput: preference,
      quantizations: orNull(
        listOf(
          oneOf('int4', 'int8', 'fp4', 'mxfp4', 'nvfp4', 'fp6', 'fp8', 'mxfp8', 'fp16', 'bf16', 'fp32', 'unknown'),
        ),
      ),
      require_parameters: orNull(trueOrFalse),
      sort: orNull(
        either(order, fields({ by: orNull(order), partition: orNull(oneOf('model', 'none')) }, { open: true })),
      ),
      zdr: orNull(trueOrFalse),
    },
    { open: true },
  ),
);

import { isRecord, type JsonRecord } from '../lib/json.ts';
import { fields, listOf, mapOf } from './container-shapes.ts';
import type { Report } from './report.ts';
import { anything, number, oneOf, type Shape, shown, text, trueOrFalse, wholeNumber } from './shapes.ts';
import { meantName, notThatName } from './unknown-name.ts';

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

function readPlugin(value: JsonRecord, id: string, where: string, report: Report): JsonRecord | undefined {
  const known = Object.hasOwn(PLUGINS, id) ? PLUGINS[id] : undefined;
  const meant = known === undefined ? meantName(id, Object.keys(PLUGINS)) : null;
  if (meant !== null) report(`${where}.id`, `${shown(id)} ${notThatName(meant)}`);

  return fields({ id: text, enabled: trueOrFalse, ...known }, { open: true }).read(value, where, report);
}

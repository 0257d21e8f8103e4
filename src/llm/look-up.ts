import { asAmount, asArray, asObject, isRecord, type JsonRecord } from '../lib/json.ts';
import type { Api } from './api.ts';

/** A free GET below the base URL: its status (null if no reply came) and its parsed body. */
export type Get = (path: string) => Promise<{ readonly status: number | null; readonly body: unknown }>;

/**
 * Whether the account may call `model` again. OpenRouter and what is shaped like it say at `/key` what is left. Other
 * APIs, and those that have there neither a key to show nor a refusal, are taken to accept the account when they list
 * their models to it.
 */
export async function lookAtAccount(api: Api, get: Get, model: string): Promise<boolean> {
  if (!api.sendsReasoning) return listsModels(get);
  const { status, body } = await get('/key');
  if (status !== null && REFUSALS.has(status)) return false;
  const key = asObject(body)['data'];
  return status === 200 && isRecord(key) ? hasCredit(key, model) : listsModels(get);
}

const REFUSALS: ReadonlySet<number> = new Set([401, 402, 403]);

/**
 * Whether the API offers the model, as far as a list of models shows. It names neither aliases (`~author/x-latest`)
 * nor presets (`@preset/x`): of those the next call will show.
 */
export async function lookForModel(get: Get, model: string): Promise<boolean> {
  if (/^[~@]/.test(model)) return true;
  const { status, body } = await get('/models');
  return status === 200 && asArray(asObject(body)['data']).some((entry) => isModel(entry, model));
}

async function listsModels(get: Get): Promise<boolean> {
  const { status } = await get('/models');
  return status === 200;
}

function hasCredit(key: JsonRecord, model: string): boolean {
  const left = key['limit_remaining'];
  if (typeof left === 'number' && left <= 0) return false;
  return !model.endsWith(':free') || asAmount(asObject(key['free_model_daily_requests'])['remaining']) !== 0;
}

/** Variants such as `:nitro` are not listed by themselves, and Ollama lists what has no tag as `:latest`. */
function isModel(entry: unknown, model: string): boolean {
  const id = asObject(entry)['id'];
  return id === model || id === `${model}:latest` || id === model.replace(/:[^:]*$/, '');
}

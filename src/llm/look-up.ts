import { map, mergeMap, type Observable, of } from 'rxjs';
import { asAmount, asArray, asObject, isRecord, type JsonRecord } from '../lib/json.ts';
import type { Api } from './api.ts';

/** A free GET below the base URL: its status (null where no reply came) and its parsed body. */
export type Get = (path: string) => Observable<{ readonly status: number | null; readonly body: unknown }>;

/**
 * Whether the account may call `model` again. OpenRouter and what is shaped like it tell at `/key` what is left. Other
 * APIs, and those that have there neither a key to show nor a refusal, are taken to accept the account when they list
 * their models to it.
 */
export function lookAtAccount(api: Api, get: Get, model: string): Observable<boolean> {
  if (!api.sendsReasoning) return listsModels(get);
  return get('/key').pipe(
    mergeMap(({ status, body }) => {
      if (status !== null && REFUSALS.has(status)) return of(false);
      const key = asObject(body)['data'];
      return status === 200 && isRecord(key) ? of(hasCredit(key, model)) : listsModels(get);
    }),
  );
}

const REFUSALS: ReadonlySet<number> = new Set([401, 402, 403]);

/**
 * Whether the API offers the model, as far as a list of models can tell. It names neither aliases (`~author/x-latest`)
 * nor presets (`@preset/x`): of those the next call tells.
 */
export function lookForModel(get: Get, model: string): Observable<boolean> {
  if (/^[~@]/.test(model)) return of(true);
  return get('/models').pipe(
    map(({ status, body }) => status === 200 && asArray(asObject(body)['data']).some((entry) => isModel(entry, model))),
  );
}

function listsModels(get: Get): Observable<boolean> {
  return get('/models').pipe(map(({ status }) => status === 200));
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

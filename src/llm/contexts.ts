import type { Takes } from '../domain/models.ts';
import { asAmount, asArray, asObject } from '../lib/json.ts';

/** A free GET below the base URL, or at the root of its host: its status (null if no reply came) and its parsed body. */
export type Get = (
  path: string,
  below?: 'base' | 'root',
) => Promise<{ readonly status: number | null; readonly body: unknown }>;

/** The context that a model is loaded with, in tokens; null where that is not known. */
type ContextOf = (model: string) => number | null;

/** The contexts of what a server of one's own has loaded, which may be far less than its models take; null: it tells none. */
export async function loadedContexts(get: Get, context: Takes['context']): Promise<ContextOf | null> {
  switch (context) {
    case 'ollama':
      return readRunning(await get('/api/ps', 'root'));
    case 'lmstudio':
      return readInstances(await get('/api/v1/models', 'root')) ?? readLoaded(await get('/api/v0/models', 'root'));
    case 'llamacpp':
      return readProperties(await get('/props')) ?? readProperties(await get('/props', 'root'));
    case 'models':
    case null:
      return null;
  }
}

/** The context of one model, at a server of unknown kind. */
export async function loadedContext(get: Get, model: string): Promise<number | null> {
  for (const kind of ['lmstudio', 'llamacpp', 'ollama'] as const) {
    // oxlint-disable-next-line no-await-in-loop -- one that answers is enough
    const tokens = (await loadedContexts(get, kind))?.(model) ?? null;
    if (tokens !== null) return tokens;
  }
  return null;
}

type Reply = Awaited<ReturnType<Get>>;

/** Ollama: what runs now. */
function readRunning({ body }: Reply): ContextOf | null {
  const running = asArray(asObject(body)['models']).map(asObject);
  return byNames(running.map(({ name, model, context_length: tokens }) => ({ names: [name, model], tokens })));
}

/** LM Studio 0.4 and later: each model with its loaded instances. */
function readInstances({ body }: Reply): ContextOf | null {
  const listed = asArray(asObject(body)['models']).map(asObject);
  const instances = listed.flatMap(({ key, loaded_instances: loaded }) =>
    asArray(loaded).map((instance) => {
      const { id, config } = asObject(instance);
      return { names: [key, id], tokens: asObject(config)['context_length'] };
    }),
  );
  return byNames(instances);
}

/** LM Studio before 0.4. */
function readLoaded({ body }: Reply): ContextOf | null {
  const listed = asArray(asObject(body)['data']).map(asObject);
  return byNames(listed.map(({ id, loaded_context_length: tokens }) => ({ names: [id], tokens })));
}

/** llama.cpp: the context of each of its slots, whatever the model. */
function readProperties({ body }: Reply): ContextOf | null {
  const tokens = asAmount(asObject(asObject(body)['default_generation_settings'])['n_ctx']);
  return tokens === null ? null : () => tokens;
}

/** Of what is loaded twice under a name, the smaller context: it is not known which one is asked. */
function byNames(
  loaded: readonly { readonly names: readonly unknown[]; readonly tokens: unknown }[],
): ContextOf | null {
  const contexts = new Map<unknown, number>();
  for (const { names, tokens } of loaded) {
    const amount = asAmount(tokens);
    if (amount === null) continue;
    for (const name of new Set(names)) contexts.set(name, Math.min(contexts.get(name) ?? Infinity, amount));
  }
  return contexts.size === 0 ? null : (model) => contexts.get(model) ?? contexts.get(`${model}:latest`) ?? null;
}

import type { CatalogueModel } from './catalogue.ts';
import type { Profile } from './profiles.ts';

/** What an API other than OpenRouter tells of its models, by path. */
export function modelLists(profile: Profile): Readonly<Record<string, object>> {
  const { path, listing, models, name } = profile;
  return {
    ...(listing !== null && { [`${path}/models`]: listed(profile) }),
    ...LOADED[name]?.(models),
  };
}

function listed({ listing, models, name }: Profile): object {
  const { bare, prefix = '', context, prices } = listing ?? {};
  const data = models.map((model) => ({
    id: `${prefix}${model.id}`,
    object: 'model',
    created: model.created,
    owned_by: name,
    ...(context !== undefined && { [context]: model.context_length }),
    ...(prices === true && {
      pricing: { input: perMillion(model.pricing.prompt), output: perMillion(model.pricing.completion) },
    }),
  }));
  return bare === true ? data : { object: 'list', data };
}

function perMillion(price: string): number {
  return Number((Number(price) * 1_000_000).toFixed(6));
}

type Lists = (models: readonly CatalogueModel[]) => Readonly<Record<string, object>>;

/** Where a server tells the context that was set for a model it has loaded; its list tells none, or the model's own. */
const LOADED: Readonly<Record<string, Lists>> = {
  ollama: (models) => ({
    '/api/ps': { models: models.map(({ id, context_length }) => ({ name: id, model: id, context_length })) },
  }),
  lmstudio: (models) => ({
    '/api/v1/models': {
      models: models.map(({ id, context_length }) => ({
        type: 'llm',
        key: id,
        max_context_length: 131_072,
        loaded_instances: [{ id, config: { context_length } }],
      })),
    },
    '/api/v0/models': {
      object: 'list',
      data: models.map(({ id, context_length }) => ({
        id,
        object: 'model',
        state: 'loaded',
        max_context_length: 131_072,
        loaded_context_length: context_length,
      })),
    },
  }),
  llamacpp: (models) => ({
    '/props': {
      default_generation_settings: { n_ctx: models[0]?.context_length },
      total_slots: 1,
      model_path: models[0]?.id,
    },
  }),
};

import { isRecord, type JsonRecord } from '../lib/json.ts';
import type { ReportProblem } from '../lib/shapes.ts';
import { pluginPdfEngines, pluginsOf } from './config.ts';
import { CONFIG_FIELDS } from './config-fields.ts';
import { onlyOwner, type RecipeDefinition } from './recipe-definition.ts';

/**
 * Those that cost nothing beside the tokens. `file-parser` costs something with one engine, for which there is a rule; if
 * none is named, a free one is sent with PDFs.
 */
const FREE_PLUGINS = ['context-compression', 'file-parser', 'moderation', 'response-healing'];

interface OwnerOnlyRule {
  readonly where: string;
  readonly why: string;
  /** Whether a recipe breaks it. `maxTokens` is the run's. */
  readonly broken: (recipe: RecipeDefinition, maxTokens: number) => boolean;
}

/**
 * What a recipe of the inbox may not do: who can drop a document can drop a recipe. It may name the
 * only APIs that documents may go to, as that adds none.
 */
const OWNER_ONLY: readonly OwnerOnlyRule[] = [
  {
    where: 'sluice.after',
    why: 'is delete, which would take documents away',
    broken: ({ handling }) => handling.after === 'delete',
  },
  { where: 'output.name', why: 'says where results go', broken: ({ resultName }) => resultName !== null },
  {
    where: 'output.extension',
    why: 'says how results are called',
    broken: ({ resultEnding }) => resultEnding !== null,
  },
  {
    where: 'sluice.pdf',
    why: 'is mistral-ocr, which is paid by the page',
    broken: ({ handling, fields }) => handling.pdf === 'mistral-ocr' && pluginPdfEngines(fields).length === 0,
  },
  {
    where: 'config.plugins',
    why: 'has the file-parser with mistral-ocr, which is paid by the page',
    broken: ({ fields }) => pluginPdfEngines(fields).includes('mistral-ocr'),
  },
  {
    where: 'config.plugins',
    why: `has one that may be paid by itself (free are ${FREE_PLUGINS.join(', ')})`,
    broken: ({ fields }) => pluginsOf(fields).some(({ id }) => !FREE_PLUGINS.includes(String(id))),
  },
  {
    where: 'config.web_search_options',
    why: 'asks for searches of the web, which are paid by themselves',
    broken: ({ fields }) => Object.hasOwn(fields, 'web_search_options'),
  },
  {
    where: 'model',
    why: 'ends in :online, which asks for searches of the web, paid by themselves',
    broken: (recipe) => modelsOf(recipe).some((model) => model.includes(':online')),
  },
  {
    where: 'model',
    why: 'is a @preset, which may bring along what is paid by itself',
    broken: (recipe) => modelsOf(recipe).some((model) => model.includes('@preset/')),
  },
  {
    where: 'config.provider.data_collection',
    why: 'is allow, which lets providers keep documents',
    broken: ({ fields }) => providerOf(fields)['data_collection'] === 'allow',
  },
  {
    where: 'config.provider.zdr',
    why: 'is false, which lets providers keep documents',
    broken: ({ fields }) => providerOf(fields)['zdr'] === false,
  },
  {
    where: 'config.store',
    why: 'is true, which lets the API keep documents',
    broken: ({ fields }) => fields['store'] === true,
  },
  {
    where: 'config.service_tier',
    why: 'is priority, or fast, which is dearer',
    broken: ({ fields }) => ['priority', 'fast'].includes(String(fields['service_tier'])),
  },
  {
    where: 'config.max_tokens',
    why: 'is more than the run allows',
    broken: (recipe, maxTokens) => recipe.maxTokens !== null && recipe.maxTokens > maxTokens,
  },
  {
    where: 'sluice.on_length',
    why: 'is retry, which asks for twice max_tokens, and that is more than the run allows',
    broken: ({ handling, maxTokens }, ofRun) => handling.onLength === 'retry' && 2 * (maxTokens ?? ofRun) > ofRun,
  },
];

/** Reports what a recipe of the inbox may not do. `maxTokens` is the run's. */
export function checkTrust(recipe: RecipeDefinition, maxTokens: number, report: ReportProblem): void {
  for (const { where, why, broken } of OWNER_ONLY) if (broken(recipe, maxTokens)) report(where, onlyOwner(why));

  const unknown = Object.keys(recipe.fields).filter((name) => !Object.hasOwn(CONFIG_FIELDS, name));
  for (const name of unknown)
    report(`config.${name}`, onlyOwner('is not known here, and nobody can say what it costs'));
}

function modelsOf({ model, fields }: RecipeDefinition): readonly string[] {
  const { models } = fields;
  return [model, ...(Array.isArray(models) ? models : [])].map((id) => String(id).toLowerCase());
}

function providerOf({ provider }: JsonRecord): JsonRecord {
  return isRecord(provider) ? provider : {};
}

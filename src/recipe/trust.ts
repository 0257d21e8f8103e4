import { LONGER } from '../domain/recipe.ts';
import { asArray, asObject } from '../lib/json.ts';
import type { ReportProblem } from '../lib/shapes.ts';
import { pluginPdfEngines, pluginsOf } from './config.ts';
import { CONFIG_FIELDS } from './config-fields.ts';
import { onlyOwner, type RecipeDefinition } from './recipe-definition.ts';

/**
 * Those that cost nothing beside the tokens. `file-parser` costs something with one engine, for which there is a rule;
 * if none is named, a free one is sent with PDFs.
 */
const FREE_PLUGINS = ['context-compression', 'file-parser', 'moderation', 'response-healing'];

/**
 * Reports what a recipe of the inbox may not do: who can drop a document can drop a recipe. It may name the only APIs
 * that documents may go to, as that adds none. `ofRun` is the longest answer that the run allows, in tokens.
 */
export function checkTrust(recipe: RecipeDefinition, ofRun: number, report: ReportProblem): void {
  const { fields, handling, maxTokens } = recipe;
  const refuse = (where: string, isBroken: boolean, why: string): void => {
    if (isBroken) report(where, onlyOwner(why));
  };
  refuse('sluice.after', handling.after === 'delete', 'is delete, which would take documents away');
  refuse('output.name', recipe.resultName !== null, 'says where results go');
  refuse('output.extension', recipe.resultEnding !== null, 'says how results are called');

  const engines = pluginPdfEngines(fields);
  const paidEngine = 'mistral-ocr, which is paid by the page';
  refuse('sluice.pdf', handling.pdf === 'mistral-ocr' && engines.length === 0, `is ${paidEngine}`);
  refuse('config.plugins', engines.includes('mistral-ocr'), `has the file-parser with ${paidEngine}`);
  const hasPaidPlugin = pluginsOf(fields).some(({ id }) => !FREE_PLUGINS.includes(String(id)));
  refuse('config.plugins', hasPaidPlugin, `has one that may be paid by itself (free are ${FREE_PLUGINS.join(', ')})`);
  const searches = 'asks for searches of the web, which are paid by themselves';
  refuse('config.web_search_options', Object.hasOwn(fields, 'web_search_options'), searches);

  const models = [recipe.model, ...asArray(fields['models'])].map((id) => String(id).toLowerCase());
  const isOnline = models.some((model) => model.includes(':online'));
  refuse('model', isOnline, 'ends in :online, which asks for searches of the web, paid by themselves');
  const isPreset = models.some((model) => model.includes('@preset/'));
  refuse('model', isPreset, 'is a @preset, which may bring along what is paid by itself');

  const provider = asObject(fields['provider']);
  const collects = provider['data_collection'] === 'allow';
  refuse('config.provider.data_collection', collects, 'is allow, which lets providers keep documents');
  refuse('config.provider.zdr', provider['zdr'] === false, 'is false, which lets providers keep documents');
  refuse('config.store', fields['store'] === true, 'is true, which lets the API keep documents');
  const isFast = ['priority', 'fast'].includes(String(fields['service_tier']));
  refuse('config.service_tier', isFast, 'is priority, or fast, which costs more');

  refuse('config.max_tokens', maxTokens !== null && maxTokens > ofRun, 'is more than the run allows');
  const repeatsTooLong = handling.onLength === 'retry' && LONGER * (maxTokens ?? ofRun) > ofRun;
  const twice = 'is retry, which asks for twice max_tokens, and that is more than the run allows';
  refuse('sluice.on_length', repeatsTooLong, twice);

  const unknown = Object.keys(recipe.fields).filter((name) => !Object.hasOwn(CONFIG_FIELDS, name));
  for (const name of unknown) report(`config.${name}`, onlyOwner('is not known here, nor what it costs'));
}

import { UsageError } from '../domain/errors.ts';
import { LONGER } from '../domain/recipe.ts';
import { errorMessage } from '../lib/errors.ts';
import { asArray, asObject, isRecord, type JsonRecord } from '../lib/json.ts';
import type { ReportProblem } from '../lib/shapes.ts';
import { pluginPdfEngines, pluginsOf } from './config.ts';
import { CONFIG_FIELDS } from './config-fields.ts';
import { parseFrontMatter, splitFrontMatter } from './front-matter.ts';
import { type RecipeDefinition, readHeader } from './header.ts';
import { onlyOwner } from './recipe-file.ts';

interface RecipeOrigin {
  readonly name: string;
  readonly kind: RecipeDefinition['template']['kind'];
  /** False for a recipe of the inbox: it may only tighten what the run allows. */
  readonly trusted: boolean;
  /** The longest answer that the run allows, in tokens. */
  readonly maxTokens: number;
  /** Throws a UsageError if the text is no template; called only to tell that with what else is wrong. @default none */
  readonly checkTemplate?: (text: string) => void;
}

/** In one message: a recipe may be wrong in every line. */
const MOST_PROBLEMS = 20;

/**
 * What a recipe file says, checked before anything is asked with it.
 *
 * @param source without a byte order mark, and not empty
 * @throws UsageError that names the recipe and all that is wrong with it, each with the place, what is given and what is
 * allowed
 */
export function parseRecipe(source: string, origin: RecipeOrigin): RecipeDefinition {
  const { name, kind, trusted, maxTokens } = origin;
  const problems: string[] = [];
  const report: ReportProblem = (where, problem) => problems.push(`${where} ${problem}`);
  const { header, text } = kind === 'plain' ? { header: {}, text: source } : readPrompt(source, report);
  const recipe = { name, template: { kind, text }, ...readHeader(header, trusted, report) };
  checkTogether(recipe, report);
  if (!trusted) checkTrust(recipe, maxTokens, report);
  if (problems.length === 0) return recipe;

  if (kind === 'dotprompt') problems.push(...problemsOfTemplate(text, origin));
  const more = problems.length > MOST_PROBLEMS ? `; and ${problems.length - MOST_PROBLEMS} more` : '';
  throw new UsageError(`The recipe ${name} cannot be used: ${problems.slice(0, MOST_PROBLEMS).join('; ')}${more}.`);
}

function problemsOfTemplate(text: string, { checkTemplate }: RecipeOrigin): readonly string[] {
  try {
    checkTemplate?.(text);
    return [];
  } catch (error) {
    return [errorMessage(error).replace(/\.$/, '')];
  }
}

function readPrompt(source: string, report: ReportProblem): { readonly header: JsonRecord; readonly text: string } {
  try {
    const { header, body } = splitFrontMatter(source);
    return { header: header === null ? {} : parseFrontMatter(header), text: body };
  } catch (error) {
    report('Its front matter', errorMessage(error));
    return { header: {}, text: '' };
  }
}

/** Reports settings that contradict each other. */
function checkTogether({ fields, handling }: RecipeDefinition, report: ReportProblem): void {
  checkReasoning(fields['reasoning'], fields['reasoning_effort'], report);

  const other = pluginPdfEngines(fields).find((engine) => engine !== handling.pdf);
  if (other !== undefined)
    report('config.plugins', `has the file-parser with ${other}, but PDFs go through ${handling.pdf}: give one engine`);

  const { output, onTooLong, split } = handling;
  const canJoin = output.format !== 'json' || split.combine !== null || output.schema?.['type'] === 'array';
  const cure = 'give split.combine, a prompt that makes one of them';
  const problem = `is split, but JSON of parts can only be joined where the schema is an array: ${cure}`;
  if (onTooLong === 'split' && !canJoin) report('sluice.on_too_long', problem);
}

function checkReasoning(reasoning: unknown, effort: unknown, report: ReportProblem): void {
  if (!isRecord(reasoning)) return;

  const { effort: nested, max_tokens: tokens } = reasoning;
  if (typeof nested === 'string' && typeof tokens === 'number')
    report('config.reasoning', 'takes effort or max_tokens, not both');
  if (typeof nested === 'string' && typeof effort === 'string' && nested !== effort)
    report('config.reasoning_effort', `is ${effort}, but config.reasoning.effort is ${nested}: give one`);
}

/**
 * Those that cost nothing beside the tokens. `file-parser` costs something with one engine, for which there is a rule;
 * if none is named, a free one is sent with PDFs.
 */
const FREE_PLUGINS = ['context-compression', 'file-parser', 'moderation', 'response-healing'];

/**
 * Reports what a recipe of the inbox may not do: who can drop a document can drop a recipe. It may name the only APIs
 * that documents may go to, as that adds none. `ofRun` is the longest answer that the run allows, in tokens.
 */
function checkTrust(recipe: RecipeDefinition, ofRun: number, report: ReportProblem): void {
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

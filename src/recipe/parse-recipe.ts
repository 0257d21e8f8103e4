import { UsageError } from '../domain/errors.ts';
import { errorMessage } from '../lib/errors.ts';
import { isRecord, type JsonRecord } from '../lib/json.ts';
import type { ReportProblem } from '../lib/shapes.ts';
import { pluginPdfEngines } from './config.ts';
import { parseFrontMatter, splitFrontMatter } from './front-matter.ts';
import { readHeader } from './header.ts';
import type { RecipeDefinition } from './recipe-definition.ts';
import { checkTrust } from './trust.ts';

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

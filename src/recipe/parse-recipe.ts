import { errorMessage, UsageError } from '../domain/errors.ts';
import type { JsonRecord } from '../lib/json.ts';
import { checkTogether } from './check-together.ts';
import { parseFrontMatter } from './front-matter.ts';
import { readHeader } from './header.ts';
import type { RecipeDefinition } from './recipe-definition.ts';
import type { Report } from './report.ts';
import { splitFrontMatter } from './split-front-matter.ts';
import { checkTrust } from './trust.ts';

export interface RecipeOrigin {
  /** How people and receipts call it. */
  readonly name: string;
  readonly kind: RecipeDefinition['template']['kind'];
  /** False for a recipe of the inbox: it may only tighten what the run allows. */
  readonly trusted: boolean;
  /** The longest answer that the run allows, in tokens. */
  readonly maxTokens: number;
}

/** A recipe may be wrong in every line. */
const MOST_PROBLEMS = 20;

/**
 * What a recipe file says, checked before anything is asked with it.
 *
 * @param source without a byte order mark, and not empty
 * @throws UsageError that names the recipe and all that is wrong with it, each with the place, what is given and what is
 * allowed
 */
export function parseRecipe(source: string, origin: RecipeOrigin): RecipeDefinition {
  const problems: string[] = [];
  const recipe = readRecipe(source, origin, (where, problem) => problems.push(`${where} ${problem}`));
  if (problems.length === 0) return recipe;

  const more = problems.length > MOST_PROBLEMS ? [`and ${problems.length - MOST_PROBLEMS} more`] : [];
  const told = [...problems.slice(0, MOST_PROBLEMS), ...more].join('; ');
  throw new UsageError(`The recipe ${origin.name} cannot be used: ${told}.`);
}

function readRecipe(
  source: string,
  { name, kind, trusted, maxTokens }: RecipeOrigin,
  report: Report,
): RecipeDefinition {
  const { header, text } = kind === 'plain' ? { header: {}, text: source } : readPrompt(source, report);
  const recipe = { name, template: { kind, text }, ...readHeader(header, trusted, report) };
  checkTogether(recipe, report);
  if (!trusted) checkTrust(recipe, maxTokens, report);
  return recipe;
}

function readPrompt(source: string, report: Report): { readonly header: JsonRecord; readonly text: string } {
  try {
    const { header, body } = splitFrontMatter(source);
    return { header: header === null ? {} : parseFrontMatter(header), text: body };
  } catch (error) {
    report('Its front matter', errorMessage(error));
    return { header: {}, text: '' };
  }
}

import { hash } from 'node:crypto';
import { RenderError, UsageError } from '../domain/errors.ts';
import { promptCachingOf, SHORTEST_CACHED_TOKENS } from '../domain/models.ts';
import type { Recipe } from '../domain/recipe.ts';
import { errorMessage } from '../lib/errors.ts';
import type { TemplateRights } from './check-template.ts';
import type { RecipeDefinition } from './header.ts';
import { endingOf, namedResult } from './name-template.ts';
import { commonLength, compileTemplate, fillMessages, fixedPieces, type Template, textsBefore } from './template.ts';

/** What a run says of all its recipes. */
export interface RunSettings {
  readonly model: string;
  /** The API base URL, or `simulator`. */
  readonly api: string;
  /** What a recipe may call the run's API: its name, host, host with port, base URL; messages show the first. */
  readonly apiNames: readonly string[];
  /** What else of a request shapes its answer: a change makes results stale. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Characters of a document that are sent, at most; null: all. */
  readonly truncate: number | null;
}

export type RecipeSettings = RunSettings & TemplateRights;

/**
 * A recipe as it is used in a run.
 *
 * @throws UsageError if its template cannot be used
 */
export function createRecipe(definition: RecipeDefinition, settings: RecipeSettings): Recipe {
  const template =
    definition.template.kind === 'plain' ? plain(definition.template.text) : compiled(definition, settings);
  const { name, handling, fields, maxTokens, resultName } = definition;
  const model = definition.model ?? settings.model;
  const fixed = fixedPieces(template);
  const caches = promptCachingOf(model) === 'explicit' && fixed.tokens >= SHORTEST_CACHED_TOKENS;
  const ending = definition.resultEnding ?? endingOf(handling.output.format);
  const request = {
    model,
    ...(Object.keys(fields).length > 0 && { fields }),
    ...(maxTokens !== null && { maxTokens }),
  };
  return {
    name,
    model,
    api: settings.api,
    hash: hashOf(definition, template, settings),
    barred: barred(definition, settings),
    handling,
    fixedTokens: fixed.tokens,
    circumstances: circumstancesOf(definition, template),
    place: ({ id }) => ({ name: resultName === null ? id : namedResult(resultName, id), ending }),
    render: async (document, parts) => {
      try {
        const rendered = template.render(document);
        const cacheable = caches ? commonLength(fixed.texts, textsBefore(rendered)) : 0;
        return { ...request, messages: fillMessages(rendered, parts, cacheable) };
      } catch (error) {
        throw new RenderError(`The recipe ${name} makes no prompt of it: ${errorMessage(error)}`, { cause: error });
      }
    },
  };
}

/** A tag that may print something of a document beside its contents. */
const TELLING = /\{\{[^}]*\b(?:name|path|size|modified)\b/;

function circumstancesOf(definition: RecipeDefinition, template: Template): Recipe['circumstances'] {
  const sources = [definition.template.text, ...template.partials.values()];
  if (definition.template.kind === 'plain' || !sources.some((source) => TELLING.test(source))) return () => '';
  return (document) => JSON.stringify(template.render(document));
}

/** The system message, as it is; without one, the document itself is the prompt. */
function plain(text: string): Template {
  const system = text === '' ? [] : [{ role: 'system' as const, pieces: [{ kind: 'text' as const, text }] }];
  return { partials: new Map(), render: () => system };
}

function compiled({ name, template }: RecipeDefinition, settings: TemplateRights): Template {
  try {
    return compileTemplate(template.text, settings);
  } catch (error) {
    throw new UsageError(`The recipe ${name} cannot be used: ${errorMessage(error)}`, { cause: error });
  }
}

/** Limits, money and what becomes of files shape no answer: a change of them makes nothing stale. */
function hashOf(definition: RecipeDefinition, { partials }: Template, settings: RunSettings): string {
  const { model, api, parameters, truncate } = settings;
  const { kind, text } = definition.template;
  const system = kind === 'plain' && text !== '' ? [{ role: 'system', content: text }] : [];
  const { pdf, onTooLong, split, onLength, output } = definition.handling;
  const { fields, maxTokens } = definition;
  const shape = { text, partials: [...partials], fields, maxTokens, pdf, onTooLong, split, onLength, output };
  const saysPromptAlone = kind === 'plain' && Object.keys(fields).length === 0 && maxTokens === null;
  const recipe = saysPromptAlone ? {} : { recipe: shape };
  const question = { system, model: definition.model ?? model, api, parameters, truncate, ...recipe };
  return hash('sha256', JSON.stringify(question));
}

function barred({ name, apis }: RecipeDefinition, { apiNames }: RunSettings): string | null {
  const names = new Set(apiNames.map(normalized));
  if (apis === null || apis.some((api) => names.has(normalized(api)))) return null;
  const asked = apiNames[0] ?? 'another API';
  return `The recipe ${name} lets its documents go to ${apis.join(', ')} only, and this run asks ${asked}.`;
}

/** For comparing: upper case and slashes at the end make no other API. */
function normalized(api: string): string {
  return api.toLowerCase().replace(/(?<!\/)\/+$/, '');
}

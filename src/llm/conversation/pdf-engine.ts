import type { ModelFacts, Models, Takes } from '../../domain/models.ts';
import type { PdfEngine } from '../../domain/recipe.ts';
import type { Prompt } from '../../domain/request.ts';
import { asObject, isRecord, type JsonRecord } from '../../lib/json.ts';
import { inputsOf } from './fit.ts';
import { CannotAskError, pluginsOf, withField } from './prompt.ts';

/** How PDFs are read of which the recipe says nothing: here, for an API that is not known to take them; null: see `withPdfEngine`. */
export function unsaidPdfEngine({ routes, inputs }: Takes): 'text' | null {
  return routes || inputs?.includes('file') === true ? null : 'text';
}

/**
 * The prompt with the engine that reads its PDFs: what the recipe says; else the model itself if it takes files; else
 * the free one. The one that is paid for by the page is used only if the recipe names it.
 *
 * @throws CannotAskError if the engine cannot read them.
 */
export function withPdfEngine(
  prompt: Prompt,
  engine: PdfEngine | null,
  { routes, facts }: Pick<Models, 'routes'> & { readonly facts: ModelFacts | null },
): Prompt {
  if (engine === 'text' || !inputsOf(prompt).includes('file')) return prompt;
  const inputs = facts?.inputs ?? null;
  const chosen = engine ?? (!routes || inputs?.includes('file') === true ? 'native' : 'cloudflare-ai');
  if (chosen === 'native' && inputs !== null && !inputs.includes('file')) {
    const advice = routes ? 'sluice.pdf: cloudflare-ai or sluice.pdf: text' : 'sluice.pdf: text';
    throw unsupported(`${prompt.model} takes no PDFs. Set ${advice} in the recipe, or name a model that does`);
  }
  if (routes) return withFileParser(prompt, chosen);
  if (chosen === 'native') return prompt;
  throw unsupported(
    `This API has no PDF engine ${chosen}: set sluice.pdf: text in the recipe, or native where the model takes files`,
  );
}

function unsupported(reason: string): CannotAskError {
  return new CannotAskError('unsupported-input', reason);
}

/**
 * With one entry of that plugin, which names the engine, beside all else that the recipe says of it. Of an entry that
 * names none, or that is turned off, the API makes what it likes: for some models, the engine that is paid for.
 */
function withFileParser(prompt: Prompt, engine: PdfEngine): Prompt {
  const plugins = pluginsOf(prompt);
  const others = plugins.filter((plugin) => !isFileParser(plugin));
  const own = plugins.filter(isFileParser).find(({ enabled }) => enabled !== false);
  const pdf = { ...asObject(own?.['pdf']), engine };
  return withField(prompt, 'plugins', [...others, { ...own, id: 'file-parser', pdf }]);
}

function isFileParser(plugin: unknown): plugin is JsonRecord {
  return isRecord(plugin) && plugin['id'] === 'file-parser';
}

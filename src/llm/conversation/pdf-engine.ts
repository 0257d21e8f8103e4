import type { ModelFacts, Models } from '../../domain/models.ts';
import type { PdfEngine } from '../../domain/recipe.ts';
import type { Prompt } from '../../domain/request.ts';
import { isRecord, type JsonRecord } from '../../lib/json.ts';
import { CannotAskError } from './errors.ts';
import { contentsOf, withField } from './prompt.ts';

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
  const holdsFiles = engine !== 'text' && contentsOf(prompt).some(({ kind }) => kind === 'file');
  if (!holdsFiles) return prompt;
  const inputs = facts?.inputs ?? null;
  const chosen = engine ?? (!routes || inputs?.includes('file') === true ? 'native' : 'cloudflare-ai');
  if (chosen === 'native' && inputs !== null && !inputs.includes('file')) throw takesNoFiles(prompt.model, routes);
  if (!routes && chosen !== 'native') throw notHere(chosen);
  return routes ? withFileParser(prompt, chosen) : prompt;
}

/**
 * With one entry of that plugin, which names the engine, beside all else that the recipe says of it. Of an entry that
 * names none, or that is turned off, the API makes what it likes: for some models, the engine that is paid for.
 */
function withFileParser(prompt: Prompt, engine: PdfEngine): Prompt {
  const given: unknown = prompt.fields?.['plugins'];
  const plugins: readonly unknown[] = Array.isArray(given) ? given : [];
  const others = plugins.filter((plugin) => !isFileParser(plugin));
  const own = plugins.filter(isFileParser).find(({ enabled }) => enabled !== false);
  const pdf = isRecord(own?.['pdf']) ? own['pdf'] : {};
  return withField(prompt, 'plugins', [...others, { ...own, id: 'file-parser', pdf: { ...pdf, engine } }]);
}

function isFileParser(plugin: unknown): plugin is JsonRecord {
  return isRecord(plugin) && plugin['id'] === 'file-parser';
}

function takesNoFiles(model: string, routes: boolean): CannotAskError {
  const advice = routes ? 'sluice.pdf: cloudflare-ai or sluice.pdf: text' : 'sluice.pdf: text';
  return new CannotAskError(
    'unsupported-input',
    `${model} takes no PDFs. Set ${advice} in the recipe, or name a model that does`,
  );
}

function notHere(engine: PdfEngine): CannotAskError {
  return new CannotAskError(
    'unsupported-input',
    `This API has no PDF engine ${engine}: set sluice.pdf: text in the recipe, or native where the model takes files`,
  );
}

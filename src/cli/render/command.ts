import { firstValueFrom, of } from 'rxjs';
import type { CommandModule } from 'yargs';
import type { DocumentContent } from '../../domain/document.ts';
import { UsageError } from '../../domain/errors.ts';
import type { Models } from '../../domain/models.ts';
import type { OptionKey } from '../../domain/options.ts';
import type { Inquiry, Prices } from '../../domain/ports.ts';
import type { Recipe } from '../../domain/recipe.ts';
import { CONVERT_WORKER, createConverter } from '../../inbox/convert/converter.ts';
import { readDocument } from '../../inbox/read.ts';
import { type Api, resolveApi } from '../../llm/api.ts';
import { createDialogue } from '../../llm/conversation/conversation.ts';
import { stagesOf } from '../../llm/conversation/plan.ts';
import { findKey } from '../../llm/key.ts';
import type { LlmSettings } from '../../llm/llm.ts';
import { createModels } from '../../llm/models.ts';
import { loadTokenCounter } from '../../llm/tokens.ts';
import { roomyModelOf } from '../../run/calls.ts';
import { findPrices, requestCatalogue } from '../../run/money.ts';
import { type Asked, loadRecipes, requireModel, type Surroundings } from '../../run/prepare.ts';
import { withApi } from '../../run/session.ts';
import { textOf } from '../command.ts';
import type { ProgramSettings } from '../context.ts';
import { findInput } from '../inspect/find-document.ts';
import { resolveOptions } from '../options/resolve.ts';
import { loadEnvironment } from '../options/sources.ts';
import { yargsOptions } from '../options/table.ts';
import { measureRequest } from './measure.ts';
import { type Rendering, renderText } from './text.ts';

/** Those of a run that shape a request, or tell what it costs. */
const KEYS: readonly OptionKey[] = [
  'root',
  'inbox',
  'api',
  'apiKeyFile',
  'model',
  'recipe',
  'inboxRecipes',
  'reasoning',
  'maxTokens',
  'stream',
  'maxBytes',
  'maxCostUsd',
  'pricePrompt',
  'priceCompletion',
  'json',
];

/** Some documents failed, as a run would end. */
const WOULD_FAIL = 3;

/** `sluice render DOC`: the request that would be sent for a document. */
export function renderCommand(settings: ProgramSettings, finish: (exitCode: number) => void): CommandModule {
  return {
    command: 'render <document>',
    describe: 'Print the exact request that would be sent for a document, with its tokens and cost; nothing is sent',
    builder: (yargs) =>
      yargs.options(yargsOptions(KEYS)).positional('document', {
        type: 'string',
        describe: 'Its path below the inbox, or a path to it',
      }),
    handler: async (flags) => {
      const { currentFolder, stdout, stderr } = settings;
      const given = textOf(flags, 'document');
      if (given === null) throw new UsageError('render takes one document.');
      const environment = loadEnvironment(currentFolder, settings.environment);
      const asked = { ...resolveOptions({ flags, environment, currentFolder, keys: KEYS }), environment };
      const { json, api } = asked.options;
      const rendering = await render(given, asked, settings);
      const { refusal } = rendering;
      if (refusal !== null) finish(WOULD_FAIL);
      stderr.write(`${renderText(rendering, api === 'simulator')}\n`);
      if (json) stdout.write(`${JSON.stringify(rendering)}\n`);
      else if (refusal === null) stdout.write(`${JSON.stringify(rendering.body, null, 2)}\n`);
    },
  };
}

interface RenderSurroundings extends Pick<Surroundings, 'version' | 'clock' | 'secrets'> {
  readonly currentFolder: string;
}

/**
 * The first request that a run with these options would send for a document, made by what a run makes it of. Nothing is
 * sent but a look at the API's list of models, and nothing is written.
 *
 * @param given the document's id, or a path to it
 * @throws UsageError where there is no such document, or its recipe cannot be used
 */
async function render(given: string, asked: Asked, surroundings: RenderSurroundings): Promise<Rendering> {
  const { options } = asked;
  const api = resolveApi(options.api);
  requireModel(api, asked.given);
  const recipes = loadRecipes(options, api, () => surroundings.clock.now());
  const document = findInput(given, options.inbox, surroundings.currentFolder);
  const recipe = recipes.choose(document);
  if (recipe.barred !== null) throw new UsageError(recipe.barred);

  const read = await readDocument({ root: options.inbox, maxBytes: options.maxBytes }, document);
  if (read.kind === 'refused') return refused(document.id, recipe, read);
  if (read.kind !== 'read') throw new UsageError(`${document.id} changed, or went, while it was read: try again.`);
  return await withApi(api, (reached) => ask(read.content, recipe, reached, asked, surroundings));
}

interface Refusal {
  readonly code: string;
  readonly reason: string;
}

function refused(document: string, { name, model, api }: Recipe, { code, reason }: Refusal): Rendering {
  return { document, recipe: name, model, api, refusal: { code, reason } };
}

async function ask(
  content: DocumentContent,
  recipe: Recipe,
  api: Api,
  asked: Asked,
  surroundings: RenderSurroundings,
): Promise<Rendering> {
  const { document } = content;
  const converter = createConverter({ worker: CONVERT_WORKER, truncate: asked.options.truncateCharacters });
  const converted = await firstValueFrom(converter.convert(content, recipe.handling.pdf));
  if (converted.kind === 'refused') return refused(document.id, recipe, converted);

  const { calling, models } = await learn(api, asked, surroundings);
  const { maxTokens } = calling;
  const inquiry: Inquiry = { document, recipe, fingerprint: content.sha256, parts: converted.parts };
  const dialogue = createDialogue({
    maxTokens,
    models,
    roomyModel: roomyModelOf({ maxTokens }),
    countTokens: loadTokenCounter,
  });
  const move = await firstValueFrom(dialogue.next(inquiry, []));
  if (move.kind === 'refused') return refused(document.id, recipe, move);
  if (move.kind === 'later') throw new UsageError(`The request cannot be told, as ${move.reason}. Try again.`);

  const course = await firstValueFrom(dialogue.course(inquiry));
  const { name, model, api: identity } = recipe;
  return {
    document: document.id,
    recipe: name,
    model,
    api: identity,
    refusal: null,
    requests: stagesOf(course),
    notes: course.notes,
    ...(await measureRequest(move.prompt, calling, models)),
  };
}

interface Learned {
  /** How a run would call, but for its connections. */
  readonly calling: LlmSettings & { readonly prices: Prices };
  readonly models: Models;
}

/** What the API tells of its models; it is asked once. */
async function learn(
  api: Api,
  { options, environment }: Asked,
  { version, secrets }: RenderSurroundings,
): Promise<Learned> {
  const key = api.name === 'simulator' ? null : findKey(api, environment, options.apiKeyFile);
  if (key !== null) secrets.add(key);
  const settings: LlmSettings = { ...options, api, key, connections: 1, version };
  const catalogue = await requestCatalogue(settings);
  const told = (): Promise<typeof catalogue> => Promise.resolve(catalogue);
  const prices = await findPrices(options, told, () => catalogue);
  const maxPrice = options.maxCostUsd === null ? null : (model: string) => prices.of(model);
  return { calling: { ...settings, prices, maxPrice }, models: createModels(api, () => of(catalogue)) };
}

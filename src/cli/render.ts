import { type DocumentContent, isWhole, leftOutInWords, type Provenance } from '../domain/document.ts';
import { Mistakes, UsageError } from '../domain/errors.ts';
import { type Models, tierOf, worstCostUsd } from '../domain/models.ts';
import { ANSWER_KEYS, type OptionKey } from '../domain/options.ts';
import type { PreparedRequest, Prices } from '../domain/ports.ts';
import type { Recipe } from '../domain/recipe.ts';
import type { Prompt } from '../domain/request.ts';
import { CONVERT_WORKER, createConverter } from '../inbox/convert/converter.ts';
import { readDocument } from '../inbox/read.ts';
import { total } from '../lib/collections.ts';
import type { JsonRecord } from '../lib/json.ts';
import { type Api, resolveApi } from '../llm/api.ts';
import { createModels } from '../llm/catalogue.ts';
import { unsaidPdfEngine } from '../llm/conversation/capabilities.ts';
import { createConversation } from '../llm/conversation/conversation.ts';
import { stagesOf } from '../llm/conversation/plan.ts';
import { textsOf } from '../llm/conversation/prompt.ts';
import { createLlm, type LlmSettings } from '../llm/llm.ts';
import { requestBody } from '../llm/request/body.ts';
import { mediaSize } from '../llm/request/size.ts';
import { isTokenizerOf, loadTokenCounter, TOKENIZER } from '../llm/tokens.ts';
import { convertFor } from '../pipeline/prepare-request.ts';
import { counted, numeral, usd, visible, visibleJson } from '../report/words.ts';
import { roomyModelOf } from '../run/calls.ts';
import { requestCatalogue } from '../run/money.ts';
import { freeClient, withApi } from '../run/open-api.ts';
import { type Asked, loadRecipes, requireRecipesAndModel } from '../run/prepare.ts';
import { pricesIn } from '../run/prices.ts';
import { argumentOf, type Command, type CommandContext, commandOptions, type GivenFlags } from './command.ts';
import { findInput } from './inspect/find-document.ts';
import { needsWorkspace } from './inspect/workspace.ts';
import { yargsOptions } from './options/table.ts';
import { expectAnswer } from './plan/estimate.ts';

/** Those of a run's options that shape a request, or its cost. */
const KEYS: readonly OptionKey[] = [
  'root',
  'inbox',
  'api',
  'apiKeyFile',
  'apiHeadersFile',
  'proxy',
  ...ANSWER_KEYS,
  'stream',
  'maxBytes',
  'maxCostUsd',
  'pricePrompt',
  'priceCompletion',
  'priceList',
  'json',
];

/** `sluice render DOC`: the request that would be sent for a document. */
export function renderCommand(context: CommandContext): Command {
  const needs = (asked: Asked, flags: GivenFlags): void => {
    const mistakes = new Mistakes();
    const given = argumentOf(flags, 'document');
    // An inbox that was named may lie anywhere.
    if (asked.given.inbox === undefined) mistakes.check(() => needsWorkspace(asked));
    if (given !== null && mistakes.all.length === 0 && asked.wrong?.has('root') !== true)
      mistakes.check(() => findInput(given, asked.options.inbox, context.currentFolder));
    mistakes.check(() => requireRecipesAndModel(asked, () => context.clock.now()));
    mistakes.throwIfAny();
  };
  return {
    name: 'render',
    describe: 'Print the exact request that would be sent for a document, with its tokens and cost; nothing is sent',
    examples: ['render q1/report.pdf --root papers'],
    positionals: [{ name: 'document', describe: 'Its path below the inbox, or a path to it', isRequired: true }],
    flags: () => yargsOptions(KEYS),
    needs,
    run: async (flags) => {
      const given = argumentOf(flags, 'document') ?? '';
      const asked = commandOptions(flags, context, KEYS, needs);
      const { json, api } = asked.options;
      const rendering = await render(given, asked, context);
      const { refusal } = rendering;
      context.stderr.write(`${renderText(rendering, api === 'simulator')}\n`);
      if (json) context.stdout.write(`${visibleJson(JSON.stringify(rendering))}\n`);
      else if (refusal === null) context.stdout.write(`${visibleJson(JSON.stringify(rendering.body, null, 2))}\n`);
      // As a run in which a document fails.
      return refusal === null ? 0 : 3;
    },
  };
}

/** What would be sent for a document, or why nothing can be; with `--json` it is printed as it is. */
type Rendering = (RenderedRequest | RefusedRequest) & {
  /** Its id. */
  readonly document: string;
  /** Empty if the document itself is the prompt. */
  readonly recipe: string;
  readonly model: string;
  /** The API base URL, or `simulator`. */
  readonly api: string;
};

interface RefusedRequest {
  /** As a run would report it. */
  readonly refusal: { readonly code: string; readonly reason: string };
}

/** The body of the first request, its tokens and its cost. */
interface RenderedRequest extends Provenance {
  readonly refusal: null;
  /** Without repairs and continuations. */
  readonly requests: number;
  /** What becomes of the document, a sentence each. */
  readonly notes: readonly string[];
  /** Text is counted, the rest is estimated. */
  readonly promptTokens: {
    readonly text: number;
    /** For images, sound and files. */
    readonly media: number;
    /** The prompt certainly has no more. */
    readonly most: number;
    readonly tokenizer: string;
    /** Whether it is the model's own. */
    readonly tokenizerFits: boolean;
  };
  /** A guess, and the most that is asked for. */
  readonly answerTokens: { readonly likely: number; readonly most: number };
  /** What the model takes, prompt and answer together; null if the API does not say. */
  readonly contextTokens: number | null;
  /** Whether prompt and longest answer fit into it; null if that is not known. */
  readonly fits: boolean | null;
  /** USD; null if no price is known. */
  readonly costUsd: { readonly likely: number; readonly most: number } | null;
  readonly bytes: number;
  readonly bodySha256: string;
  readonly body: JsonRecord;
}

/**
 * The first request that a run with these options would send for a document, made as a run makes it. Only the list of
 * models is asked for, and nothing is written. `given`: the document's id, or a path to it. Throws a UsageError if
 * there is no such document, or its recipe cannot be used.
 */
async function render(given: string, asked: Asked, context: CommandContext): Promise<Rendering> {
  const { options } = asked;
  const api = resolveApi(options.api);
  const recipes = loadRecipes(asked, () => context.clock.now());
  const document = findInput(given, options.inbox, context.currentFolder);
  const recipe = recipes.choose(document);
  if (recipe.barred !== null) throw new UsageError(recipe.barred);
  const named = { document: document.id, recipe: recipe.name, model: recipe.model, api: recipe.api };

  const read = await readDocument({ root: options.inbox, maxBytes: options.maxBytes }, document);
  if (read.kind === 'refused') return { ...named, ...refused(read) };
  if (read.kind !== 'read') throw new UsageError(`${document.id} changed, or went, while it was read: try again.`);
  return {
    ...named,
    ...(await withApi(api, context.version, (open) => renderContent(read.content, recipe, open, asked, context))),
  };
}

function refused({ code, reason }: RefusedRequest['refusal']): RefusedRequest {
  return { refusal: { code, reason } };
}

async function renderContent(
  content: DocumentContent,
  recipe: Recipe,
  api: Api,
  asked: Asked,
  context: CommandContext,
): Promise<RenderedRequest | RefusedRequest> {
  const { options } = asked;
  const converter = createConverter({ worker: CONVERT_WORKER, pdf: unsaidPdfEngine(api) });
  const converted = await convertFor(converter, content, recipe);
  if (converted.kind === 'refused') return refused(converted);

  const settings = freeClient(api, asked, context);
  // The API is asked for its models once.
  const catalogue = await requestCatalogue(settings);
  const prices = await pricesIn(catalogue, options, { api, clock: context.clock });
  const bounded = options.maxCostUsd !== null;
  const models = createModels(api, () => Promise.resolve(catalogue));
  const inquiry = { document: content.document, recipe, fingerprint: content.sha256, parts: converted.parts };
  const roomyModel = roomyModelOf(options);
  const conversation = createConversation({ ...options, models, roomyModel, countTokens: loadTokenCounter });
  const next = await conversation.next(inquiry, []);
  if (next.kind === 'refused') return refused(next);
  if (next.kind === 'later') throw new UsageError(`What would be sent is not known yet, as ${next.reason}. Try again.`);

  const plan = await conversation.plan(inquiry);
  return {
    refusal: null,
    requests: stagesOf(plan),
    notes: plan.notes,
    leftOut: converted.leftOut,
    readers: converted.readers,
    ...(await measureRequest(next.prompt, { ...settings, bounded, prices }, { models, prices })),
  };
}

/** Nothing is sent. */
async function measureRequest(
  prompt: Prompt,
  settings: LlmSettings,
  { models, prices }: { readonly models: Models; readonly prices: Prices },
): Promise<Omit<RenderedRequest, 'refusal' | 'requests' | 'notes' | keyof Provenance>> {
  const llm = createLlm(settings);
  const request = llm.prepare(prompt);
  llm.close();
  const { bytes, bodySha256, maxTokens, promptTokensAtMost: most } = request;
  const count = await loadTokenCounter();
  const text = total(textsOf(prompt), count);
  const media = mediaSize(prompt.messages).likelyPromptTokens;
  const likely = Math.round(expectAnswer([], { ...settings, maxTokens, onLength: 'fail' }).completionTokens.likely);
  const contextTokens = (await models.facts(prompt.model))?.contextTokens ?? null;
  return {
    promptTokens: { text, media, most, tokenizer: TOKENIZER, tokenizerFits: isTokenizerOf(prompt.model) },
    answerTokens: { likely, most: maxTokens },
    contextTokens,
    fits: contextTokens === null ? null : text + media + maxTokens <= contextTokens,
    costUsd: costOf(request, { prompt: text + media, completion: likely }, prices),
    bytes,
    bodySha256,
    body: requestBody(prompt, settings),
  };
}

/** `most` is for the most expensive of the models that may answer, `likely` for the one that is asked. */
function costOf(
  request: PreparedRequest,
  likely: { readonly prompt: number; readonly completion: number },
  prices: Prices,
): RenderedRequest['costUsd'] {
  const known = request.models.map((model) => prices.of(model)).filter((price) => price !== null);
  const [asked] = known;
  const worst = known.map((price) => worstCostUsd(price, request)).filter((cost) => cost !== null);
  if (asked === undefined || worst.length < request.models.length) return null;
  const tier = tierOf(asked, likely.prompt);
  return {
    likely: likely.prompt * tier.prompt + likely.completion * tier.completion + asked.request,
    most: Math.max(...worst),
  };
}

/** What `sluice render` says to people beside the request. `simulated`: the simulator would be asked. */
function renderText(rendering: Rendering, simulated: boolean): string {
  const { document, recipe, model, api, refusal } = rendering;
  return [
    `Document: ${visible(document)}.`,
    `Recipe: ${recipe === '' ? 'none, the document itself is the prompt' : visible(recipe)}.`,
    `Asked: ${visible(model)} at ${visible(api)}.`,
    ...(refusal === null
      ? requestLines(rendering, simulated)
      : [`It cannot be sent, and would fail: ${visible(refusal.reason)} (${refusal.code})`]),
  ].join('\n');
}

function requestLines(rendering: RenderedRequest, simulated: boolean): readonly string[] {
  const { notes, requests, bytes, answerTokens } = rendering;
  const { text, media, tokenizer, tokenizerFits } = rendering.promptTokens;
  const own = tokenizerFits ? '' : ', not the tokenizer of this model';
  const more = media === 0 ? '' : `, and about ${numeral(media)} for what is not text`;
  return [
    ...(isWhole(rendering) ? [] : [`Left out of the document: ${visible(leftOutInWords(rendering.leftOut))}.`]),
    ...notes.map((note) => `Its receipt would say: ${visible(note)}`),
    ...(requests > 1 ? [`Requests: ${numeral(requests)}; this is the first.`] : []),
    `Prompt: about ${counted(text, 'token')} of text (by ${tokenizer}${own})${more}; the request has ${counted(bytes, 'byte')}.`,
    `Answer: ${counted(answerTokens.most, 'token')} at most.`,
    contextLine(rendering),
    costLine(rendering, simulated),
  ];
}

function contextLine({ contextTokens, fits }: RenderedRequest): string {
  if (contextTokens === null) return 'Context: unknown, as the API does not tell that of the model.';
  const fit = fits === true ? 'prompt and answer fit' : 'an answer of that length does not fit beside the prompt';
  return `Context: ${counted(contextTokens, 'token')}; ${fit}.`;
}

function costLine({ costUsd, requests, answerTokens }: RenderedRequest, simulated: boolean): string {
  if (costUsd === null)
    return 'Cost: unknown, as no price is known: give --price-prompt and --price-completion to have it worked out.';
  const nothing = simulated ? 'nothing; a model of this price would cost ' : '';
  const each = requests > 1 ? ' for this request' : '';
  const guess = `with an answer of ${counted(answerTokens.likely, 'token')}`;
  return `Cost: ${nothing}${usd(costUsd.likely)} ${guess}, ${usd(costUsd.most)} at most${each}.`;
}

import { apiError, badRequest, type CallRefusal, refusal } from './api-error.ts';
import { type CatalogueModel, findModel } from './catalogue.ts';
import type { ChatRequest } from './chat-request.ts';
import { engineFor } from './file-parsing.ts';
import { roundUsd, tokensOf } from './usage.ts';

/** The first of the models that a request names which can serve it; if none can, why not the first. */
export function chooseModel(request: ChatRequest, unavailable: readonly string[] = []): CatalogueModel | CallRefusal {
  const choices = request.models.map((id) => choiceOf(id, request, unavailable));
  return choices.find((choice) => 'id' in choice) ?? choices[0] ?? noEndpoints('unknown-model', 'for no model.');
}

function choiceOf(id: string, request: ChatRequest, unavailable: readonly string[]): CatalogueModel | CallRefusal {
  const model = findModel(id);
  if (model === undefined) return noEndpoints('unknown-model', `for ${id}.`);
  if (unavailable.includes(id)) return refusal('unavailable', apiError(503));
  return mismatch(model, request) ?? tooLong(model, request) ?? model;
}

function mismatch(model: CatalogueModel, request: ChatRequest): CallRefusal | null {
  if (isAboveMaxPrice(model, request)) return noEndpoints('over-max-price', 'that meet the max price.');
  const missing = missingInput(model, request);
  if (missing !== undefined) return noEndpoints('no-such-input', `that support ${missing}`);
  if (request.requiredParameters.some((name) => !model.supported_parameters.includes(name)))
    return noEndpoints('no-such-parameter', 'that can handle the requested parameters.');

  return null;
}

/** PDFs are for all models, unless they are asked to read them by themselves. */
function missingInput({ architecture }: CatalogueModel, { messages, engine }: ChatRequest): string | undefined {
  const takes = (kind: string) => architecture.input_modalities.includes(kind);
  const kinds = new Set(messages.flatMap(({ inputs }) => inputs.map(({ kind }) => kind)));
  if (kinds.has('image') && !takes('image')) return 'image input';
  if (kinds.has('audio') && !takes('audio')) return 'input audio';
  const areFilesForModel = kinds.has('file') && engineFor(engine, takes('file')) === 'native';
  return areFilesForModel && !takes('file') ? 'file input' : undefined;
}

/** OpenRouter counts the answer in; one without a limit counts nothing. */
function tooLong({ context_length: longest }: CatalogueModel, request: ChatRequest): CallRefusal | null {
  const asked = tokensOf(request.promptCharacters);
  const answered = Number.isFinite(request.maxTokens) ? request.maxTokens : 0;
  if (asked + answered <= longest) return null;
  const message =
    `This endpoint's maximum context length is ${longest} tokens. However, you requested about ${asked + answered} ` +
    `tokens (${asked} of text input, ${answered} in the output). Please reduce the length of either one, or use the ` +
    'context-compression plugin to compress your prompt automatically.';
  return refusal('too-long', badRequest('context_length_exceeded', message));
}

function isAboveMaxPrice({ pricing }: CatalogueModel, { maxPrice }: ChatRequest): boolean {
  return perMillion(pricing.prompt) > maxPrice.prompt || perMillion(pricing.completion) > maxPrice.completion;
}

/** The catalogue's prices are per token, those of a request per million. */
function perMillion(price: string): number {
  return roundUsd(Number(price) * 1_000_000);
}

function noEndpoints(outcome: string, which: string): CallRefusal {
  return refusal(outcome, apiError(404, { message: `No endpoints found ${which}` }));
}

import { asObject } from '../lib/json.ts';
import { type ErrorObject, profileError, type ReplyHeaders, type Values } from './api-errors.ts';
import type { CatalogueModel } from './catalogue.ts';
import type { ChatRequest } from './chat-request.ts';
import type { Fault } from './fault-plan.ts';
import type { Cause } from './profile-sayings.ts';
import type { Profile } from './profiles.ts';
import { tokensOf } from './usage.ts';

/** Fields of a request that every API knows. */
const USUAL_FIELDS = new Set(
  (
    'model messages max_tokens stream temperature top_p stop seed response_format n user frequency_penalty ' +
    'presence_penalty tools tool_choice logprobs top_logprobs logit_bias'
  ).split(' '),
);

/** Why a call gets an error and no model gets the call. */
export interface CallRefusal {
  /** For the log. */
  readonly outcome: string;
  readonly error: ErrorObject;
  readonly headers: ReplyHeaders;
}

/** The model of an API other than OpenRouter that answers; or why none does, in the order in which most APIs check. */
export function modelByProfile(profile: Profile, request: ChatRequest): CatalogueModel | CallRefusal {
  const refuse = (cause: Cause, values: Values = {}): CallRefusal => ({
    outcome: cause,
    headers: {},
    error: profileError(profile, cause, 400, { model: request.models[0] ?? '', ...values }),
  });
  const field = wrongField(profile, request);
  if (field !== null) return refuse(field.cause, field.values);
  const model = findModel(profile, request.models[0] ?? '');
  if (model === undefined) return refuse('model');
  const hasPart = request.messages.some(({ inputs }) => inputs.some(({ kind }) => !profile.parts.includes(kind)));
  if (hasPart || request.flaw !== null) return refuse('part');
  const format = wrongFormat(profile, request);
  if (format !== null) return refuse(format);
  const excess = overLimit(profile, model, request);
  return excess === null ? model : refuse(excess.cause, excess.values);
}

function wrongField({ takes, lacks = [], renames = {}, fixed = [] }: Profile, { body }: ChatRequest) {
  const given = Object.keys(body).filter((name) => body[name] !== undefined && body[name] !== null);
  const isUnknown = (name: string): boolean =>
    lacks.includes(name) || (takes !== null && !USUAL_FIELDS.has(name) && !takes.includes(name));
  const field = given.find((name) => isUnknown(name) || name in renames || (fixed.includes(name) && body[name] !== 1));
  if (field === undefined) return null;
  const cause: Cause = isUnknown(field) ? 'field' : field in renames ? 'rename' : 'value';
  return { cause, values: { field, other: renames[field] ?? '', value: JSON.stringify(body[field]) } };
}

function findModel({ models, anyModel }: Profile, asked: string): CatalogueModel | undefined {
  const id = asked.replace(/^models\//, '');
  return anyModel === true ? models[0] : models.find((model) => model.id === id);
}

function wrongFormat({ formats, ignoresFormat, says }: Profile, { body, messages }: ChatRequest): Cause | null {
  const { type } = asObject(body['response_format']);
  if (ignoresFormat === true || (type !== 'json_object' && type !== 'json_schema')) return null;
  if (!formats.includes(type)) return 'format';
  const isNamed = messages.some(({ text }) => /json/i.test(text));
  return type === 'json_object' && !isNamed && says.word !== undefined ? 'word' : null;
}

function overLimit({ overflow, tokenLimit }: Profile, model: CatalogueModel, request: ChatRequest) {
  const { context_length: context, top_provider: provider } = model;
  const prompt = tokensOf(request.promptCharacters);
  const asked = Number.isFinite(request.maxTokens) ? request.maxTokens : 0;
  const values = { prompt, asked, total: prompt + asked };
  if (prompt > context && overflow === 'refused')
    return { cause: 'long' as const, values: { ...values, limit: context } };
  if (tokenLimit === 'context' && prompt + asked > context)
    return { cause: 'tokens' as const, values: { ...values, limit: context } };

  const longest = provider.max_completion_tokens;
  return tokenLimit === 'output' && asked > longest
    ? { cause: 'tokens' as const, values: { ...values, limit: longest } }
    : null;
}

/** What an API does in silence with a prompt that its context does not hold. */
export function overflowFault(
  profile: Profile,
  { context_length: tokens }: CatalogueModel,
  request: ChatRequest,
): Fault | undefined {
  const prompt = tokensOf(request.promptCharacters);
  if (profile.overflow === 'refused' || prompt <= tokens) return undefined;
  if (profile.overflow === 'cut') return { kind: 'prompt-cut', tokens };
  if (request.stream) return { kind: 'empty' };
  return { kind: 'error-in-200', message: profileError(profile, 'long', 400, { prompt, limit: tokens }).message };
}

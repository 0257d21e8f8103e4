import { FIELD_REFUSED, type Lesson } from '../../domain/attempt.ts';
import type { Prompt } from '../../domain/request.ts';
import { asObject, type JsonRecord } from '../../lib/json.ts';
import { numeral } from '../../lib/text.ts';
import { isTokenField, refusesField, statedTokens, TOKEN_FIELDS } from '../verdict/complaints.ts';
import { documentTooLong, errorTypeMeaning } from '../verdict/error-types.ts';
import type { ReportedError } from '../verdict/reported-error.ts';
import { createMeaning, type Meaning } from '../verdict/statuses.ts';
import { type Lessons, ownFields } from './learned.ts';

/** What a refusal may be about. Holds nothing of the document. */
export interface Refusable {
  /** Fields of the body that are ours, by their `keyOf`. */
  readonly own: readonly string[];
  /** Names of those that the recipe asks for. */
  readonly theirs: readonly string[];
  /** The longest answer that it asks for, in tokens. */
  readonly maxTokens: number;
  /** It is sent within a budget, which it must not leave. */
  readonly isBounded: boolean;
  /** `provider` holds the most that a provider may ask. */
  readonly hasMaxPrice: boolean;
  /** A document that is too long is cut or split. */
  readonly divides: boolean;
  /** How many lessons it was made with. */
  readonly lessons: number;
}

/** A refusal of something that we added, or of more tokens than there are. */
export interface Correction {
  readonly meaning: Meaning;
  /** Absent if it is known already. */
  readonly lesson?: Lesson;
}

/**
 * Learns from a refusal what the model does not take. The request goes again, made with that; one that was made with all
 * that is known goes again only if there is something to learn. Null if the refusal is about something else.
 */
export function correct(lessons: Lessons, sent: Refusable, error: ReportedError): Correction | null {
  return limitCorrection(lessons, sent, error) ?? fieldCorrection(lessons, sent, error) ?? recipesField(sent, error);
}

/** What is kept of a request while it is in flight. */
export function refusableOf(
  body: JsonRecord,
  { fields = {}, added = [], divisible = false }: Prompt,
  facts: Pick<Refusable, 'maxTokens' | 'isBounded' | 'lessons'>,
): Refusable {
  const theirs = Object.keys(fields).filter((name) => !added.includes(name));
  const hasMaxPrice = 'max_price' in asObject(body['provider']);
  return { own: ownFields(body, theirs), theirs, hasMaxPrice, divides: divisible, ...facts };
}

const again = (words: string): Meaning => createMeaning(FIELD_REFUSED, 'at once', words);

/** A smaller limit is a misreading. */
const LEAST_TOKENS = 256;

/** Tokens. Where a model counts more than we do, it may do so even more in the next prompt. */
const SLACK = 64;

function limitCorrection(lessons: Lessons, sent: Refusable, error: ReportedError): Correction | null {
  const { context, longestPrompt, prompt, longestAnswer, perMinute } = statedTokens(error);
  if (longestAnswer !== null)
    return answerCorrection(lessons, sent, longestAnswer, `The model writes at most ${numeral(longestAnswer)} tokens`);
  if (perMinute !== null) {
    // An answer that was asked for counts as written. The other half is for prompts.
    const words = `All calls of a minute may have ${numeral(perMinute)} tokens, answers of --max-tokens included`;
    return answerCorrection(lessons, sent, Math.floor(perMinute / 2), words);
  }
  const taken = context ?? longestPrompt;
  if (taken === null || taken < LEAST_TOKENS) return null;
  // With an answer beside it, if the limit is of the prompt alone: as much as one is kept room for.
  const most = context ?? taken + Math.min(sent.maxTokens, Math.floor(taken / 3));
  const isTooLong = prompt !== null && prompt >= taken;
  const failed = isTooLong && !sent.divides ? tooLongFor(taken) : null;
  const words = `The model takes ${numeral(taken)} tokens${context === null ? '' : ', prompt and answer together'}`;
  if (most < lessons.contextTokens) {
    lessons.contextTokens = most;
    return learned(lessons, `${words}: it is asked for no more from now on`, failed);
  }
  if (failed !== null || sent.lessons < lessons.count) return { meaning: failed ?? again(words) };
  // It was made to fit, and is too long all the same: the model counts more tokens than we do.
  const over = prompt === null ? 0 : prompt - taken + (context === null ? 0 : sent.maxTokens);
  const left = lessons.contextTokens - over - SLACK;
  if (over <= 0 || left < LEAST_TOKENS) return null;
  lessons.contextTokens = left;
  lessons.count += 1;
  return { meaning: again(words) };
}

function answerCorrection(lessons: Lessons, sent: Refusable, tokens: number, why: string): Correction | null {
  if (tokens < LEAST_TOKENS || tokens >= sent.maxTokens) return null;
  const words = `${why}: it is asked for no more than ${numeral(tokens)} at once from now on`;
  if (tokens >= lessons.answerTokens) return { meaning: again(words) };
  lessons.answerTokens = tokens;
  return learned(lessons, words);
}

function tooLongFor(taken: number): Meaning {
  const model = `the model, which takes ${numeral(taken)} tokens`;
  const words = `The document is too long for ${model}: split it, or choose a model with a larger context`;
  return { ...documentTooLong, words };
}

function learned(lessons: Lessons, words: string, instead: Meaning | null = null): Correction {
  lessons.count += 1;
  return { meaning: instead ?? again(words), lesson: { message: `${lessons.model} at ${lessons.api}: ${words}.` } };
}

function fieldCorrection(lessons: Lessons, sent: Refusable, error: ReportedError): Correction | null {
  const fields = refusedFields(sent, error);
  if (fields.length === 0) return null;
  const others = new Map(fields.map((field) => [field, otherName(lessons, field)] as const));
  const renamed = (field: string): string | null => others.get(field) ?? null;
  if (sent.isBounded && fields.some((field) => isTokenField(field) && renamed(field) === null))
    return { meaning: NO_TOKEN_LIMIT };
  if (sent.isBounded && fields.includes('provider') && sent.hasMaxPrice) return { meaning: NO_MAX_PRICE };
  const whatOf = (field: string): string =>
    `The API does not take ${field}: it is ${renamed(field) === null ? 'left out' : `sent as ${renamed(field)}`}`;
  const unknown = fields.filter((field) => !lessons.isRefused(field));
  const words = (unknown.length === 0 ? fields : unknown).map(whatOf).join('; ');
  if (unknown.length === 0) return { meaning: again(words) };
  const dropped = unknown.map((field) => lessons.drop(field, renamed(field)));
  // Then the longest answer has no name at all.
  for (const field of unknown.filter(isTokenField))
    if (renamed(field) === null) for (const name of TOKEN_FIELDS) if (name !== field) lessons.drop(name, null);
  return {
    meaning: again(words),
    lesson: { message: `${lessons.model} at ${lessons.api}: ${words} from now on.`, dropped },
  };
}

/** The other name of the longest answer, unless that was refused; null for other fields. */
function otherName(lessons: Lessons, field: string): string | null {
  if (!isTokenField(field)) return null;
  return TOKEN_FIELDS.find((name) => name !== field && !lessons.isRefused(name)) ?? null;
}

/** Those of ours that one refusal names. What is not taken together with something else is one of the two alone. */
function refusedFields({ own }: Refusable, error: ReportedError): readonly string[] {
  const first = own.find((key) => refusesField(error, nameOf(key)));
  if (first === undefined) return [];
  const fields = [first];
  let message = error.message ?? '';
  if (/\b(?:with|when|while|if|unless|together|combin\w+)\b/i.test(message)) return fields;
  const isNext = (key: string): boolean =>
    !fields.includes(key) && refusesField({ ...error, param: null, message }, nameOf(key));
  for (let field: string | undefined = first; field !== undefined; field = own.find(isNext)) {
    if (field !== first) fields.push(field);
    // Of a list, the next one stands right behind the complaint then.
    message = without(nameOf(field), message);
  }
  return fields;
}

function without(name: string, message: string): string {
  return message.replaceAll(new RegExp(`(?<![\\w-])${name}(?![\\w-])`, 'g'), '');
}

/** In the body. */
function nameOf(key: string): string {
  return key.replace(/\..*/, '');
}

const NO_TOKEN_LIMIT = createMeaning(
  FIELD_REFUSED,
  'pause model',
  'The API takes no limit of tokens, neither as max_tokens nor as max_completion_tokens, and without one the budget ' +
    'cannot be kept: leave --max-cost and max_cost away, or choose another model',
);

const NO_MAX_PRICE = createMeaning(
  FIELD_REFUSED,
  'pause model',
  'The API does not take provider.max_price, without which the budget cannot be kept: leave --max-cost and max_cost ' +
    'away, or choose another model',
);

/** It was asked for, so it is not left out. Words that the API has for what happened tell more than a name. */
function recipesField({ theirs }: Refusable, error: ReportedError): Correction | null {
  const known = errorTypeMeaning(error.types);
  if (known !== undefined && known.remedy !== 'suspect') return null;
  const field = theirs.find((name) => refusesField(error, name));
  if (field === undefined) return null;
  const words = `The API does not take ${field} as the recipe sets it: take it out of the recipe, or change it`;
  return { meaning: createMeaning(FIELD_REFUSED, 'suspect', words) };
}

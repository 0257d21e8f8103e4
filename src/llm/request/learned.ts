import type { DroppedField } from '../../domain/attempt.ts';
import type { ModelFacts, Models } from '../../domain/models.ts';
import type { Prompt } from '../../domain/request.ts';
import { asArray, asObject, asText, type JsonRecord } from '../../lib/json.ts';
import { UNKNOWN_FACTS } from '../catalogue.ts';
import { isTokenField } from '../verdict/complaints.ts';
import { type BodySettings, isBounded, isMarked, requestBody, unmarked } from './body.ts';

/** What refusals taught of APIs and their models, while the process lives. */
export class Learned {
  readonly #models = new Map<string, Lessons>();

  of(api: string, model: string): Lessons {
    const key = `${api} ${model}`;
    let lessons = this.#models.get(key);
    if (lessons === undefined) {
      lessons = new Lessons(api, model);
      this.#models.set(key, lessons);
    }
    return lessons;
  }

  /** What an API lists of its models, and what it said beside that. */
  beside(models: Models, api: string): Models {
    return {
      ...models,
      isLimited: (model) => this.of(api, model).isLimited,
      facts: async (model) => this.of(api, model).beside(await models.facts(model)),
    };
  }
}

/** A body as it is sent. `leftOut` holds what `keyOf` calls its fields. */
interface SentBody {
  readonly body: JsonRecord;
  readonly leftOut: readonly string[];
  /** Those that have another name in it, by their own. */
  readonly renamed: Readonly<Record<string, string>>;
}

/** What refusals taught of one model. */
export class Lessons {
  readonly api: string;
  readonly model: string;
  /** How many there were: one more refusal of a request that was made with all of them taught nothing. */
  count = 0;
  /** Tokens that it takes, prompt and answer together. */
  contextTokens = Number.POSITIVE_INFINITY;
  /** Of the longest answer. */
  answerTokens = Number.POSITIVE_INFINITY;
  /** Fields that it does not take, and under which name it takes them; null: under none. */
  readonly #fields = new Map<string, string | null>();

  constructor(api: string, model: string) {
    this.api = api;
    this.model = model;
  }

  get isLimited(): boolean {
    return Number.isFinite(Math.min(this.contextTokens, this.answerTokens));
  }

  /** The prompt, with no longer answer than the model writes. */
  limit(prompt: Prompt, { maxTokens }: { readonly maxTokens: number }): Prompt {
    const wanted = prompt.maxTokens ?? maxTokens;
    return this.answerTokens < wanted ? { ...prompt, maxTokens: this.answerTokens } : prompt;
  }

  /** Whether a field was refused, by its `keyOf`. */
  isRefused(field: string): boolean {
    return this.#fields.has(field);
  }

  /** `sentAs`: the name that the field has from now on; null: it is left out. */
  drop(field: string, sentAs: string | null): DroppedField {
    this.#fields.set(field, sentAs);
    this.count += 1;
    return { api: this.api, model: this.model, field, ...(sentAs !== null && { sentAs }) };
  }

  /**
   * The body of a prompt without what was refused. What its recipe asks for stays, and what keeps a budget, if there is one:
   * without that nothing is sent.
   */
  bodyOf(prompt: Prompt, settings: BodySettings): SentBody {
    const isUnmarked = this.isRefused(MARK) && prompt.messages.some(isMarked);
    const asked = isUnmarked ? { ...prompt, messages: prompt.messages.map(unmarked) } : prompt;
    const body = requestBody(asked, settings);
    // Nothing was refused, as nearly always.
    if (this.#fields.size === 0) return { body, leftOut: NOTHING, renamed: NONE };
    const { fields = {}, added = [] } = prompt;
    const sent: Record<string, unknown> = {};
    const leftOut = isUnmarked ? [MARK] : [];
    const renamed: Record<string, string> = {};
    for (const [name, value] of Object.entries(body)) {
      const key = keyOf(name, value);
      const isAskedFor = name in fields && !added.includes(name);
      const as = isAskedFor ? undefined : this.#fields.get(key);
      if (as === null && !(isBounded(prompt, settings) && keepsBudget(name, value))) leftOut.push(key);
      // The options of a stream mean nothing without it.
      else if (isAskedFor || name !== 'stream_options' || 'stream' in sent) {
        sent[as ?? name] = value;
        if (as != null) renamed[name] = as;
      }
    }
    return { body: sent, leftOut, renamed };
  }

  beside(facts: ModelFacts | null): ModelFacts | null {
    const noSchema = this.isRefused('response_format.json_schema');
    if (!this.isLimited && !noSchema) return facts;
    const { contextTokens, maxCompletionTokens, ...others } = facts ?? UNKNOWN_FACTS;
    return {
      ...others,
      contextTokens: smaller(contextTokens, this.contextTokens),
      maxCompletionTokens: smaller(maxCompletionTokens, this.answerTokens),
      ...(noSchema && { structuredOutputs: false }),
    };
  }
}

const NOTHING: readonly string[] = [];
const NONE: Readonly<Record<string, string>> = {};

/** The mark in a prompt up to which a provider is to keep it. */
const MARK = 'cache_control';

/** By their `keyOf`, those fields of a body that its recipe does not ask for. */
export function ownFields(body: JsonRecord, theirs: readonly string[]): readonly string[] {
  const own: string[] = [];
  for (const name in body) {
    if (name === 'model' || theirs.includes(name)) continue;
    if (name !== 'messages') own.push(keyOf(name, body[name]));
    else if (asArray(body[name]).some(hasMark)) own.push(MARK);
  }
  return own;
}

function hasMark(message: unknown): boolean {
  return asArray(asObject(message)['content']).some((part) => MARK in asObject(part));
}

/** What is refused: a field, whatever its value; of `response_format`, one form of it. */
function keyOf(name: string, value: unknown): string {
  const form = name === 'response_format' ? asText(asObject(value)['type']) : null;
  return form === null ? name : `${name}.${form}`;
}

function keepsBudget(name: string, value: unknown): boolean {
  return isTokenField(name) || 'max_price' in asObject(value);
}

function smaller(listed: number | null, learned: number): number | null {
  return Number.isFinite(learned) ? Math.min(listed ?? learned, learned) : listed;
}

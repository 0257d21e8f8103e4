import { hash } from 'node:crypto';
import { asArray, asObject, isRecord, type JsonRecord, parseJson } from '../lib/json.ts';
import type { ErrorObject } from './api-errors.ts';
import { ALL_PARAMETERS } from './catalogue.ts';
import { type ContentInput, type MessageContent, readContent } from './content-input.ts';
import { type FileEngine, fileEngine } from './file-parsing.ts';

/** What the simulator understands of a body of `POST /chat/completions`. */
export interface ChatRequest extends RequestSubject {
  /** The model that is asked, then those that may replace it, in order. At least one; '' if the request names none. */
  readonly models: readonly string[];
  readonly stream: boolean;
  /** It wants the usage of a streamed answer. */
  readonly asksForUsage: boolean;
  readonly messages: readonly RequestMessage[];
  /** What the system messages say. */
  readonly instructions: string;
  /** Of all messages together; other content counts as the text that costs the same. */
  readonly promptCharacters: number;
  /** Infinite if the request sets no limit. */
  readonly maxTokens: number;
  /** USD per million tokens; infinite if the request sets no limit. */
  readonly maxPrice: { readonly prompt: number; readonly completion: number };
  /** Null if the answer may be any text. */
  readonly format: JsonFormat | null;
  /** That the instructions ask for in words; null if they ask for none. */
  readonly wordedFormat: JsonFormat | null;
  /** Parameters that the model must know by its entry in the catalogue; empty if it need not know them. */
  readonly requiredParameters: readonly string[];
  /** Null: the API chooses. */
  readonly engine: FileEngine | null;
  /** Hex SHA-256 of files that an earlier call had parsed, with the result sent along. */
  readonly parsedFiles: ReadonlySet<string>;
  /** Whether the model may think before it answers. */
  readonly mayReason: boolean;
  readonly wantsImages: boolean;
  /** The API's error for the first message that is not valid; null if all are. */
  readonly flaw: ErrorObject | null;
  /** As it came. */
  readonly body: JsonRecord;
}

export interface JsonFormat {
  /** A JSON Schema; null if any object will do. */
  readonly schema: unknown;
}

/** Roughly what an image, a minute of speech or a page of a PDF costs: 1,000 tokens. */
const PAGE_CHARACTERS = 4_000;

/** Fields of a request that a model may not know. */
const PARAMETERS = [...ALL_PARAMETERS, 'max_completion_tokens', 'top_k'];

/** Reads a request's body; null if it is not JSON or has no messages. `isKnown`: whether an earlier call was about that document. */
export function parseChatRequest(body: Buffer, isKnown: (document: string) => boolean): ChatRequest | null {
  const value = parseJson(body.toString('utf8'));
  if (!isRecord(value) || !Array.isArray(value['messages']) || value['messages'].length === 0) return null;
  const sent = value['messages'].filter(isRecord);
  const messages = sent.map(({ role, content }) => ({
    role: typeof role === 'string' ? role : '',
    ...readContent(content),
  }));
  const pages = messages.flatMap(({ inputs }) => inputs).reduce((sum, input) => sum + input.pages, 0);
  const { prompt, completion } = asObject(asObject(value['provider'])['max_price']);
  return {
    models: modelsFrom(value),
    stream: value['stream'] === true,
    asksForUsage: asObject(value['stream_options'])['include_usage'] === true,
    messages,
    ...subjectOf(messages, isKnown),
    instructions: messages
      .filter(({ role }) => role === 'system' || role === 'developer')
      .map(({ text }) => text)
      .join('\n'),
    promptCharacters: messages.reduce((sum, { text }) => sum + text.length, pages * PAGE_CHARACTERS),
    maxTokens: limitFrom(value['max_completion_tokens'] ?? value['max_tokens']),
    maxPrice: { prompt: limitFrom(prompt), completion: limitFrom(completion) },
    format: formatFrom(value['response_format']),
    wordedFormat: wordedFormat(messages),
    requiredParameters: requiredParametersOf(value),
    engine: fileEngine(value['plugins']),
    parsedFiles: parsedFilesOf(sent),
    mayReason: (asObject(value['reasoning'])['effort'] ?? 'none') !== 'none',
    wantsImages: asArray(value['modalities']).includes('image'),
    flaw: messages.find((message) => message.flaw !== null)?.flaw ?? null,
    body: value,
  };
}

function modelsFrom({ model, models }: JsonRecord): readonly string[] {
  const named = [model, ...asArray(models)].filter((id) => typeof id === 'string');
  return named.length === 0 ? [''] : [...new Set(named)];
}

/** The API takes numbers and, for prices, numbers as texts. */
function limitFrom(value: unknown): number {
  const isGiven = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
  return isGiven && Number.isFinite(Number(value)) ? Number(value) : Infinity;
}

function formatFrom(format: unknown): JsonFormat | null {
  const { type, json_schema: named } = asObject(format);
  if (type === 'json_object') return { schema: null };
  return type === 'json_schema' && isRecord(named) ? { schema: named['schema'] ?? null } : null;
}

/** Instructions, and what is asked for after an answer, may speak of JSON, with its schema on a line of its own. */
function wordedFormat(messages: readonly RequestMessage[]): JsonFormat | null {
  const answered = messages.findIndex(({ role }) => role === 'assistant');
  const isAsked = (index: number): boolean =>
    messages[index]?.role === 'system' || (answered !== -1 && index > answered);
  const instructions = messages.filter(({ text }, index) => isAsked(index) && /\bJSON\b/.test(text));
  const schemas = instructions.flatMap(({ text }) => text.split('\n').map(parseJson).filter(isRecord));
  return instructions.length === 0 ? null : { schema: schemas.at(-1) ?? null };
}

function requiredParametersOf(body: JsonRecord): readonly string[] {
  const { provider, response_format: format } = body;
  if (asObject(provider)['require_parameters'] !== true) return [];
  const names = PARAMETERS.filter((name) => body[name] !== undefined && body[name] !== null);
  return asObject(format)['type'] === 'json_schema' ? [...names, 'structured_outputs'] : names;
}

function parsedFilesOf(messages: readonly JsonRecord[]): ReadonlySet<string> {
  const files = messages
    .flatMap(({ annotations }) => asArray(annotations))
    .map((annotation) => asObject(asObject(annotation)['file'])['hash']);
  return new Set(files.filter((sha256) => typeof sha256 === 'string'));
}

export interface RequestMessage extends MessageContent {
  readonly role: string;
}

/** Which document a request is about. */
interface RequestSubject {
  /** The text of the user message that brought it, and what its files say. */
  readonly text: string;
  readonly inputs: readonly ContentInput[];
  /** Hex SHA-256 of all that: what the simulator takes for the document. */
  readonly document: string;
  /** All that was answered to it so far. */
  readonly said: string;
}

/** The last user message brings the document. But if a model has answered, the talk may still be about an earlier one. */
function subjectOf(messages: readonly RequestMessage[], isKnown: (document: string) => boolean): RequestSubject {
  const last = messages.findLastIndex(({ role }) => role === 'user');
  const earlier = messages.some(({ role }) => role === 'assistant')
    ? messages.findIndex((message, index) => index < last && message.role === 'user' && isKnown(documentOf(message)))
    : -1;
  const index = earlier === -1 ? last : earlier;
  const message = messages[index];
  if (message === undefined) return { text: '', inputs: [], document: hash('sha256', ''), said: '' };
  const { text, inputs } = message;
  return {
    text: inputs.length === 0 ? text : [text, ...inputs.map((input) => input.text)].join('\n'),
    inputs,
    document: documentOf(message),
    said: messages
      .slice(index)
      .filter(({ role }) => role === 'assistant')
      .map((answer) => answer.text)
      .join(''),
  };
}

function documentOf({ text, inputs }: RequestMessage): string {
  return hash('sha256', inputs.length === 0 ? text : [text, ...inputs.map(({ sha256 }) => sha256)].join('\n'));
}

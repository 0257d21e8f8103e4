import { hash } from 'node:crypto';
import { asArray, asObject, isRecord, type JsonRecord, parseJson } from '../lib/json.ts';
import type { ErrorObject } from './api-error.ts';
import { type ContentInput, type MessageContent, readContent } from './content-input.ts';
import { type FileEngine, fileEngine } from './file-parsing.ts';

/** What the simulator understands of a chat-completions body. */
export interface ChatRequest extends RequestSubject {
  /** The one that is asked, and those that may stand in for it, in order. */
  readonly models: readonly string[];
  readonly stream: boolean;
  readonly messages: readonly RequestMessage[];
  /** Of all messages together; other content counts as the text that costs the same. */
  readonly promptCharacters: number;
  /** Infinite if the request sets no limit. */
  readonly maxTokens: number;
  readonly maxPrice: MaxPrice;
  /** Null if the answer may be any text. */
  readonly format: JsonFormat | null;
  /** Names of parameters that the model must know, by the list of models; none if it need not know them. */
  readonly requiredParameters: readonly string[];
  /** Null: the API chooses. */
  readonly engine: FileEngine | null;
  /** Hashes of files that were parsed for an earlier reply, and are sent along. */
  readonly parsedFiles: ReadonlySet<string>;
  /** Whether the model may think before it answers. */
  readonly mayReason: boolean;
  readonly wantsImages: boolean;
  /** The API's error for the first message that is not valid; null if all are. */
  readonly flaw: ErrorObject | null;
}

/** USD per million tokens; infinite if the request sets no limit. */
interface MaxPrice {
  readonly prompt: number;
  readonly completion: number;
}

export interface JsonFormat {
  /** A JSON Schema; null if any object will do. */
  readonly schema: unknown;
}

/** What an image, a minute of speech, a page of a PDF cost, roughly: 1,000 tokens. */
const INPUT_CHARACTERS = 4_000;

/** Parameters that models know or not. */
const PARAMETERS = [
  'max_completion_tokens',
  'max_tokens',
  'reasoning',
  'response_format',
  'seed',
  'stop',
  'temperature',
  'top_k',
  'top_p',
];

/** Reads a request's body; null if it is no JSON or has no messages. */
export function parseChatRequest(body: Buffer): ChatRequest | null {
  const value = parseJson(body.toString('utf8'));
  if (!isRecord(value) || !Array.isArray(value['messages']) || value['messages'].length === 0) return null;
  const sent = value['messages'].filter(isRecord);
  const messages = sent.map(readMessage);
  return {
    models: modelsFrom(value),
    stream: value['stream'] === true,
    messages,
    ...subjectOf(messages),
    promptCharacters: messages.reduce((sum, message) => sum + charactersOf(message), 0),
    maxTokens: limitFrom(value['max_completion_tokens'] ?? value['max_tokens']),
    maxPrice: maxPriceFrom(value['provider']),
    format: formatFrom(value['response_format']),
    requiredParameters: requiredParametersOf(value),
    engine: fileEngine(value['plugins']),
    parsedFiles: parsedFilesOf(sent),
    mayReason: (asObject(value['reasoning'])['effort'] ?? 'none') !== 'none',
    wantsImages: asArray(value['modalities']).includes('image'),
    flaw: messages.find((message) => message.flaw !== null)?.flaw ?? null,
  };
}

function readMessage({ role, content }: JsonRecord): RequestMessage {
  return { role: typeof role === 'string' ? role : '', ...readContent(content) };
}

function modelsFrom({ model, models }: JsonRecord): readonly string[] {
  const named = [model, ...asArray(models)].filter((id) => typeof id === 'string');
  return named.length === 0 ? [''] : [...new Set(named)];
}

function charactersOf({ text, inputs }: RequestMessage): number {
  return inputs.reduce((sum, { pages }) => sum + pages * INPUT_CHARACTERS, text.length);
}

function maxPriceFrom(provider: unknown): MaxPrice {
  const limits = asObject(asObject(provider)['max_price']);
  return { prompt: limitFrom(limits['prompt']), completion: limitFrom(limits['completion']) };
}

/** The API takes numbers and, for prices, texts of them. */
function limitFrom(value: unknown): number {
  const isGiven = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
  return isGiven && Number.isFinite(Number(value)) ? Number(value) : Infinity;
}

function formatFrom(format: unknown): JsonFormat | null {
  const { type, json_schema: named } = asObject(format);
  if (type === 'json_object') return { schema: null };
  return type === 'json_schema' && isRecord(named) ? { schema: named['schema'] ?? null } : null;
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

/** One message. */
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
  /** What was answered to it so far, in one. */
  readonly said: string;
}

/**
 * The last user message brings the document. If an earlier one is a document that the simulator knows, the conversation
 * goes on about that one.
 */
export function subjectOf(
  messages: readonly RequestMessage[],
  isKnown: (document: string) => boolean = () => false,
): RequestSubject {
  const last = messages.findLastIndex(({ role }) => role === 'user');
  const earlier = isConversation(messages)
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

export function isConversation(messages: readonly RequestMessage[]): boolean {
  return messages.some(({ role }) => role === 'assistant');
}

function documentOf({ text, inputs }: RequestMessage): string {
  return hash('sha256', inputs.length === 0 ? text : [text, ...inputs.map(({ sha256 }) => sha256)].join('\n'));
}

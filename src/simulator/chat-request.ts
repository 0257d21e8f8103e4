import { hash } from 'node:crypto';
import { isRecord, type JsonRecord, parseJson } from '../lib/json.ts';
import type { ApiError } from './api-error.ts';
import { type Content, type ContentInput, readContent } from './content-input.ts';
import { type FileEngine, fileEngine } from './file-engine.ts';

/** What the simulator understands of a chat-completions body. */
export interface ChatRequest extends Asked {
  /** The one that is asked, and those that may stand in for it, in order. */
  readonly models: readonly string[];
  readonly stream: boolean;
  readonly turns: readonly Turn[];
  /** Of all messages together; what is no text counts as the text that costs the same. */
  readonly promptCharacters: number;
  /** Infinite where the request sets no limit. */
  readonly maxTokens: number;
  readonly maxPrice: MaxPrice;
  /** Null where the answer may be any text. */
  readonly format: JsonFormat | null;
  /** Names of parameters that the model must know, by the list of models; none where it may do without. */
  readonly requiredParameters: readonly string[];
  /** Null: what the API takes by itself. */
  readonly engine: FileEngine | null;
  /** Hashes of files that were parsed for an earlier reply, and are sent along. */
  readonly parsedFiles: ReadonlySet<string>;
  /** Whether the model may think before it answers. */
  readonly mayReason: boolean;
  readonly wantsImages: boolean;
  /** What the API would say of a message that is no good; null where all are. */
  readonly flaw: ApiError | null;
}

/** USD per million tokens; infinite where the request sets no limit. */
interface MaxPrice {
  readonly prompt: number;
  readonly completion: number;
}

export interface JsonFormat {
  /** A JSON Schema; null where any object will do. */
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

/** Reads a request's body; null where it is no JSON or has no messages. */
export function parseChatRequest(body: Buffer): ChatRequest | null {
  const value = parseJson(body.toString('utf8'));
  if (!isRecord(value) || !Array.isArray(value['messages']) || value['messages'].length === 0) return null;
  const messages = value['messages'].filter(isRecord);
  const turns = messages.map(readTurn);
  return {
    models: modelsFrom(value),
    stream: value['stream'] === true,
    turns,
    ...askedIn(turns),
    promptCharacters: turns.reduce((sum, turn) => sum + charactersOf(turn), 0),
    maxTokens: limitFrom(value['max_completion_tokens'] ?? value['max_tokens']),
    maxPrice: maxPriceFrom(value['provider']),
    format: formatFrom(value['response_format']),
    requiredParameters: requiredParametersOf(value),
    engine: fileEngine(value['plugins']),
    parsedFiles: parsedFilesOf(messages),
    mayReason: isRecord(value['reasoning']) && (value['reasoning']['effort'] ?? 'none') !== 'none',
    wantsImages: listOf(value['modalities']).includes('image'),
    flaw: turns.find((turn) => turn.flaw !== null)?.flaw ?? null,
  };
}

function readTurn({ role, content }: JsonRecord): Turn {
  return { role: typeof role === 'string' ? role : '', ...readContent(content) };
}

function modelsFrom({ model, models }: JsonRecord): readonly string[] {
  const named = [model, ...listOf(models)].filter((id) => typeof id === 'string');
  return named.length === 0 ? [''] : [...new Set(named)];
}

function charactersOf({ text, inputs }: Turn): number {
  return inputs.reduce((sum, { pages }) => sum + pages * INPUT_CHARACTERS, text.length);
}

function maxPriceFrom(provider: unknown): MaxPrice {
  const limits = isRecord(provider) && isRecord(provider['max_price']) ? provider['max_price'] : {};
  return { prompt: limitFrom(limits['prompt']), completion: limitFrom(limits['completion']) };
}

/** The API takes numbers and, for prices, texts of them. */
function limitFrom(value: unknown): number {
  const isGiven = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
  return isGiven && Number.isFinite(Number(value)) ? Number(value) : Number.POSITIVE_INFINITY;
}

function formatFrom(format: unknown): JsonFormat | null {
  if (!isRecord(format)) return null;
  if (format['type'] === 'json_object') return { schema: null };
  const { json_schema: named } = format;
  return format['type'] === 'json_schema' && isRecord(named) ? { schema: named['schema'] ?? null } : null;
}

function requiredParametersOf(body: JsonRecord): readonly string[] {
  const { provider, response_format: format } = body;
  if (!isRecord(provider) || provider['require_parameters'] !== true) return [];
  const isHeldToSchema = isRecord(format) && format['type'] === 'json_schema';
  return [
    ...PARAMETERS.filter((name) => body[name] !== undefined && body[name] !== null),
    ...(isHeldToSchema ? ['structured_outputs'] : []),
  ];
}

function parsedFilesOf(messages: readonly JsonRecord[]): ReadonlySet<string> {
  const files = messages
    .flatMap(({ annotations }) => listOf(annotations))
    .map((annotation) => (isRecord(annotation) && isRecord(annotation['file']) ? annotation['file']['hash'] : null));
  return new Set(files.filter((sha256) => typeof sha256 === 'string'));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** One message. */
export interface Turn extends Content {
  readonly role: string;
}

/** Which document a request is about. */
interface Asked {
  /** The text of the user message that brought it, and what its files say. */
  readonly text: string;
  readonly inputs: readonly ContentInput[];
  /** Hex SHA-256 of all that: what the simulator takes for the document. */
  readonly document: string;
  /** What was answered to it so far, in one. */
  readonly said: string;
}

/**
 * The last user message brings the document. Where an earlier one is a document that the simulator knows, a dialogue
 * goes on about that.
 */
export function askedIn(turns: readonly Turn[], isKnown: (document: string) => boolean = () => false): Asked {
  const last = turns.findLastIndex(isUser);
  const earlier = isDialogue(turns)
    ? turns.findIndex((turn, index) => index < last && isUser(turn) && isKnown(documentOf(turn)))
    : -1;
  return askedAt(turns, earlier === -1 ? last : earlier);
}

export function isDialogue(turns: readonly Turn[]): boolean {
  return turns.some(isAssistant);
}

function askedAt(turns: readonly Turn[], index: number): Asked {
  const turn = turns[index];
  if (turn === undefined) return { text: '', inputs: [], document: hash('sha256', ''), said: '' };
  const { text, inputs } = turn;
  return {
    text: inputs.length === 0 ? text : [text, ...inputs.map((input) => input.text)].join('\n'),
    inputs,
    document: documentOf(turn),
    said: turns
      .slice(index)
      .filter(isAssistant)
      .map((answer) => answer.text)
      .join(''),
  };
}

function documentOf({ text, inputs }: Turn): string {
  return hash('sha256', inputs.length === 0 ? text : [text, ...inputs.map(({ sha256 }) => sha256)].join('\n'));
}

function isUser({ role }: Turn): boolean {
  return role === 'user';
}

function isAssistant({ role }: Turn): boolean {
  return role === 'assistant';
}

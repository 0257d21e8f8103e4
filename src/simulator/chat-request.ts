import { hash } from 'node:crypto';
import { isRecord, parseJson } from '../domain/json.ts';

/** What the simulator understands of a chat-completions body. */
export interface ChatRequest {
  readonly model: string;
  readonly stream: boolean;
  /** The text of the last user message. */
  readonly text: string;
  /** Hex SHA-256 of that text: what the simulator takes for the document. */
  readonly document: string;
  /** Of all messages together. */
  readonly promptCharacters: number;
  /** Infinite where the request sets no limit. */
  readonly maxTokens: number;
  readonly maxPrice: MaxPrice;
}

/** USD per million tokens; infinite where the request sets no limit. */
interface MaxPrice {
  readonly prompt: number;
  readonly completion: number;
}

/** Reads a request's body; null where it is no JSON or has no messages. */
export function parseChatRequest(body: Buffer): ChatRequest | null {
  const value = parseJson(body.toString('utf8'));
  if (!isRecord(value) || !Array.isArray(value['messages']) || value['messages'].length === 0) return null;
  const messages = value['messages'].filter(isRecord);
  const text = messageText(messages.findLast((message) => message['role'] === 'user'));
  return {
    model: typeof value['model'] === 'string' ? value['model'] : '',
    stream: value['stream'] === true,
    text,
    document: hash('sha256', text),
    promptCharacters: messages.reduce((sum, message) => sum + messageText(message).length, 0),
    maxTokens: limitFrom(value['max_completion_tokens'] ?? value['max_tokens']),
    maxPrice: maxPriceFrom(value['provider']),
  };
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

/** A message's content is a text, or a list of parts of which only the texts are read. */
function messageText(message: Readonly<Record<string, unknown>> | undefined): string {
  const content = message?.['content'];
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .filter(isRecord)
    .map((part) => part['text'])
    .filter((text) => typeof text === 'string')
    .join('\n');
}

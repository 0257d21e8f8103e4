import { isRecord, type JsonRecord } from '../../src/lib/json.ts';

/** A part of a message, as a server that trusts no client decodes it. */
export interface DecodedPart {
  readonly role: string;
  readonly kind: 'text' | 'image' | 'audio' | 'file';
  /** `text/plain` of texts; of audio `audio/` and its format. */
  readonly mediaType: string;
  /** Of a file; null of all else. */
  readonly name: string | null;
  readonly bytes: Buffer;
}

/** Every part of every message of a parsed chat-completions body, in order. Throws where one cannot be decoded. */
export function decodedParts(body: unknown): readonly DecodedPart[] {
  const messages = isRecord(body) ? body['messages'] : undefined;
  if (!Array.isArray(messages)) throw new Error('The body has no messages');
  return messages.filter(isRecord).flatMap(({ role, content }) => {
    const parts: readonly unknown[] = Array.isArray(content) ? content : [{ type: 'text', text: content }];
    return parts.filter(isRecord).map((part) => decoded(text(role), part));
  });
}

function decoded(role: string, part: JsonRecord): DecodedPart {
  switch (part['type']) {
    case 'text':
      return { role, kind: 'text', mediaType: 'text/plain', name: null, bytes: Buffer.from(text(part['text'])) };
    case 'image_url':
      return { role, kind: 'image', name: null, ...fromDataUrl(text(record(part['image_url'])['url'])) };
    case 'input_audio': {
      const { data, format } = record(part['input_audio']);
      return { role, kind: 'audio', mediaType: `audio/${text(format)}`, name: null, bytes: fromBase64(text(data)) };
    }
    case 'file': {
      const { filename, file_data: data } = record(part['file']);
      return { role, kind: 'file', name: text(filename), ...fromDataUrl(text(data)) };
    }
    default:
      throw new Error(`A part of an unknown type: ${JSON.stringify(part['type'])}`);
  }
}

function fromDataUrl(url: string): Pick<DecodedPart, 'mediaType' | 'bytes'> {
  const [, mediaType = '', base64 = ''] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? [];
  if (mediaType === '') throw new Error(`No data URL: ${url.slice(0, 40)}`);
  return { mediaType, bytes: fromBase64(base64) };
}

/** `Buffer.from` takes anything: only what comes out the same again was base64. */
function fromBase64(base64: string): Buffer {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) throw new Error('No base64');
  return bytes;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`No text: ${JSON.stringify(value)}`);
  return value;
}

function record(value: unknown): JsonRecord {
  if (!isRecord(value)) throw new Error(`No object: ${JSON.stringify(value)}`);
  return value;
}

import type { ChatMessage } from '../domain/request.ts';

type ContentPart = Exclude<ChatMessage['content'], string>[number];

/** A part of a message, as chat completions take it (openapi: ChatContentItems). */
type WirePart =
  | { readonly type: 'text'; readonly text: string; readonly cache_control?: { readonly type: 'ephemeral' } }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } }
  | { readonly type: 'input_audio'; readonly input_audio: { readonly data: string; readonly format: string } }
  | { readonly type: 'file'; readonly file: { readonly filename: string; readonly file_data: string } };

export interface WireMessage {
  readonly role: ChatMessage['role'];
  readonly content: string | readonly WirePart[];
  readonly annotations?: readonly unknown[];
}

/** A message of text alone is on the wire what it is here. */
export function wireMessage(message: ChatMessage): WireMessage {
  const { content } = message;
  return typeof content === 'string' ? { ...message, content } : { ...message, content: content.map(wirePart) };
}

function wirePart(part: ContentPart): WirePart {
  switch (part.kind) {
    case 'text':
      return { type: 'text', text: part.text, ...('cacheable' in part && { cache_control: { type: 'ephemeral' } }) };
    case 'image':
      return { type: 'image_url', image_url: { url: dataUrl(part) } };
    case 'linked image':
      return { type: 'image_url', image_url: { url: part.url } };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.bytes.toString('base64'), format: part.format } };
    case 'file':
      return { type: 'file', file: { filename: part.name, file_data: dataUrl(part) } };
  }
}

function dataUrl({ mediaType, bytes }: { readonly mediaType: string; readonly bytes: Buffer }): string {
  return `data:${mediaType};base64,${bytes.toString('base64')}`;
}

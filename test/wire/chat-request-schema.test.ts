import { describe, expect, test } from '@jest/globals';
import { audioPart, imagePart, PNG, pdfOf, pdfPart, textPart } from '../simulator/parts.ts';
import { loadChatRequestSchema } from './chat-request-schema.ts';

const flawsOf = loadChatRequestSchema();

function bodyOf(...content: readonly object[]): object {
  return { model: 'a/b', messages: [{ role: 'user', content }] };
}

(flawsOf === null ? describe.skip : describe)("OpenRouter's schema of a ChatRequest", () => {
  test('is met by every kind of part', () => {
    const marked = { ...textPart('Fixed.'), cache_control: { type: 'ephemeral' } };
    const wav = audioPart(Buffer.from('RIFF'));
    expect(flawsOf?.(bodyOf(marked, imagePart(PNG), wav, pdfPart(pdfOf('x'))))).toEqual([]);
  });

  test.each([
    ['a part of an unknown type', bodyOf({ type: 'smell' })],
    ['an image without an address', bodyOf({ type: 'image_url', image_url: {} })],
    ['audio without a format', bodyOf({ type: 'input_audio', input_audio: { data: 'AAAA' } })],
    ['no message', { model: 'a/b', messages: [] }],
  ])('is not met by %s', (_, body) => {
    expect(flawsOf?.(body)).not.toEqual([]);
  });
});

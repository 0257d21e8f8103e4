import { expect, test } from '@jest/globals';
import { audioPart, imagePart, PNG, pdfOf, pdfPart, textPart } from '../simulator/parts.ts';
import { decodedParts } from './decoded-parts.ts';

const PDF = pdfOf('x');
const SOUND = Buffer.from([0, 255, 128, 7]);

test('every part of every message comes back as it was, byte by byte', () => {
  const content = [textPart('Grüße 🚢'), imagePart(PNG), audioPart(SOUND), pdfPart(PDF, 'ä.pdf')];
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content },
  ];
  expect(decodedParts({ messages })).toEqual([
    { role: 'system', kind: 'text', mediaType: 'text/plain', name: null, bytes: Buffer.from('Be brief.') },
    { role: 'user', kind: 'text', mediaType: 'text/plain', name: null, bytes: Buffer.from('Grüße 🚢') },
    { role: 'user', kind: 'image', mediaType: 'image/png', name: null, bytes: PNG },
    { role: 'user', kind: 'audio', mediaType: 'audio/wav', name: null, bytes: SOUND },
    { role: 'user', kind: 'file', mediaType: 'application/pdf', name: 'ä.pdf', bytes: PDF },
  ]);
});

test.each([
  ['no messages', {}],
  ['a part of an unknown type', bodyOf({ type: 'smell' })],
  ['an image that is no data URL', bodyOf({ type: 'image_url', image_url: { url: 'a.png' } })],
  ['what is no base64', bodyOf({ type: 'input_audio', input_audio: { data: 'A A A', format: 'wav' } })],
  ['a file without a name', bodyOf({ type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA' } })],
])('refuses %s', (_, body) => {
  expect(() => decodedParts(body)).toThrow(Error);
});

function bodyOf(part: object): object {
  return { messages: [{ role: 'user', content: [part] }] };
}

import { expect, test } from '@jest/globals';
import { readPart } from '../../src/simulator/content-input.ts';
import { audioPart, imagePart, PNG, pdfOf, pdfPart } from './parts.ts';

test.each([
  ['an image', imagePart(PNG), { kind: 'image', label: `image/png, ${PNG.length} bytes` }],
  [
    'an image of the web',
    { type: 'image_url', image_url: { url: 'https://example.org/a.png' } },
    { kind: 'image', label: 'an image at https://example.org/a.png' },
  ],
  ['audio', audioPart(Buffer.from('RIFF')), { kind: 'audio', label: 'audio/wav, 4 bytes' }],
  [
    'a PDF',
    pdfPart(pdfOf('One \\(1\\)', 'Two')),
    { kind: 'file', name: 'report.pdf', pages: 2, text: 'One (1)\nTwo', label: expect.stringMatching(/, 2 pages$/) },
  ],
])('takes %s', (_, part, input) => {
  expect(readPart({ ...part })).toMatchObject(input);
});

const GIF = Buffer.from('GIF89a');

test.each([
  ['an image that is no data URL', { type: 'image_url', image_url: { url: 'x.png' } }, 'invalid_image'],
  ['an image of no bytes', imagePart(Buffer.alloc(0)), 'invalid_image'],
  ['an image that is another', imagePart(GIF), 'invalid_image'],
  ['an image of an unknown type', imagePart(GIF, 'image/tiff'), 'unsupported_image_format'],
  [
    'base64 with other characters',
    { type: 'image_url', image_url: { url: 'data:image/png;base64,iVB RK5C' } },
    'invalid_image',
  ],
  ['base64 without padding', { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBOR' } }, 'invalid_image'],
  ['audio of no bytes', audioPart(Buffer.alloc(0)), 'invalid_request'],
  ['audio of an unknown format', audioPart(GIF, 'midi'), 'invalid_request'],
  [
    'audio as a data URL',
    { type: 'input_audio', input_audio: { data: 'data:audio/wav;base64,AAAA', format: 'wav' } },
    'invalid_request',
  ],
  ['a file of no bytes', pdfPart(Buffer.alloc(0)), 'invalid_request'],
  ['a file that is no PDF', pdfPart(GIF), 'invalid_request'],
  [
    'a file of an unknown type',
    { type: 'file', file: { file_data: 'data:text/plain;base64,AAAA' } },
    'invalid_request',
  ],
  ['a part of an unknown type', { type: 'smell' }, 'invalid_request'],
])('refuses %s', (_, part, type) => {
  expect(readPart({ ...part })).toMatchObject({ code: 400, metadata: { error_type: type } });
});

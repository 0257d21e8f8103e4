import { expect, test } from '@jest/globals';
import { promptTexts } from '../../../src/llm/request/body.ts';

test('the texts of a prompt are all that may be quoted of it, and no bytes', () => {
  const bytes = Buffer.from('x');
  const file = { content: [{ type: 'text', text: 'parsed' }, { type: 'image_url' }, null] };
  const texts = promptTexts({
    messages: [
      { role: 'system', content: 'system' },
      {
        role: 'user',
        content: [
          { kind: 'text', text: 'fixed', cacheable: true },
          { kind: 'image', mediaType: 'image/png', bytes },
          { kind: 'text', text: 'document' },
          { kind: 'linked image', url: 'https://example.org/a.png' },
        ],
      },
      { role: 'assistant', content: 'said', annotations: [{ type: 'file', file }, { type: 'url_citation' }, null] },
    ],
  });
  expect(texts).toEqual(['system', 'fixed', 'document', 'said', 'parsed']);
});

import { expect, test } from '@jest/globals';
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import type { ChatMessage } from '../../../src/domain/request.ts';
import { wireMessage } from '../../../src/llm/request/body.ts';

const bytes = Buffer.from('%PDF-1.7');

test.each<readonly [ChatMessage, ChatCompletionMessageParam]>([
  [
    { role: 'system', content: 'Summarise.' },
    { role: 'system', content: 'Summarise.' },
  ],
  [
    {
      role: 'user',
      content: [
        { kind: 'text', text: '{{x}}' },
        { kind: 'image', mediaType: 'image/gif', bytes },
        { kind: 'audio', format: 'wav', bytes },
        { kind: 'file', name: 'a.pdf', mediaType: 'application/pdf', bytes },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'text', text: '{{x}}' },
        { type: 'image_url', image_url: { url: 'data:image/gif;base64,JVBERi0xLjc=' } },
        { type: 'input_audio', input_audio: { data: 'JVBERi0xLjc=', format: 'wav' } },
        { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjc=' } },
      ],
    },
  ],
])("%j becomes a message as OpenAI's own client has it", (message, openai) => {
  expect(wireMessage(message)).toEqual(openai);
});

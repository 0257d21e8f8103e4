import { hash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { parseChatRequest } from '../../src/simulator/chat-request.ts';

function parse(body: unknown) {
  return parseChatRequest(Buffer.from(JSON.stringify(body)));
}

test('takes the last user message for the document, and counts the characters of all', () => {
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'before' },
    { role: 'assistant', content: 'yes' },
    { role: 'user', content: 'Grüße' },
  ];
  expect(parse({ model: 'a/b', stream: true, messages })).toEqual({
    model: 'a/b',
    stream: true,
    text: 'Grüße',
    document: hash('sha256', 'Grüße'),
    promptCharacters: 23,
  });
});

test('reads the texts of a message in parts', () => {
  const content = [
    { type: 'text', text: 'one' },
    { type: 'file', file: {} },
    { type: 'text', text: 'two' },
  ];
  expect(parse({ messages: [{ role: 'user', content }] })).toMatchObject({
    model: '',
    stream: false,
    text: 'one\ntwo',
  });
});

test.each([null, [], {}, { messages: 'hello' }, { messages: [] }])('refuses %j', (body) => {
  expect(parse(body)).toBeNull();
});

test('refuses what is no JSON', () => {
  expect(parseChatRequest(Buffer.from('{'))).toBeNull();
});

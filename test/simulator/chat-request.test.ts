import { hash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { parseChatRequest } from '../../src/simulator/chat-request.ts';

function parse(body: unknown, known: readonly string[] = []) {
  return parseChatRequest(Buffer.from(JSON.stringify(body)), (document) => known.includes(document));
}

test('takes the last user message for the document, and counts the characters of all', () => {
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'before' },
    { role: 'assistant', content: 'yes' },
    { role: 'user', content: 'Grüße' },
  ];
  expect(parse({ model: 'a/b', stream: true, messages })).toMatchObject({
    models: ['a/b'],
    stream: true,
    text: 'Grüße',
    document: hash('sha256', 'Grüße'),
    promptCharacters: 23,
    maxTokens: Number.POSITIVE_INFINITY,
    maxPrice: { prompt: Number.POSITIVE_INFINITY, completion: Number.POSITIVE_INFINITY },
  });
});

test('a conversation goes on about the document that it began with, if that one is known', () => {
  const turns = ['Grüße', 'yes', 'Go on.'].map((content, index) => ({
    role: index === 1 ? 'assistant' : 'user',
    content,
  }));
  const known = [hash('sha256', 'Grüße')];
  expect(parse({ messages: turns }, known)).toMatchObject({ document: known[0], text: 'Grüße', said: 'yes' });
  expect(parse({ messages: turns })).toMatchObject({ document: hash('sha256', 'Go on.'), said: '' });
});

test('reads the texts of a message in parts', () => {
  const content = [
    { type: 'text', text: 'one' },
    { type: 'text', text: 'two' },
  ];
  expect(parse({ messages: [{ role: 'user', content }] })).toMatchObject({
    models: [''],
    stream: false,
    text: 'one\ntwo',
  });
});

test('reads the limits that a request sets, prices as numbers or texts', () => {
  const messages = [{ role: 'user', content: 'hello' }];
  const provider = { max_price: { prompt: '0.5', completion: 2 } };
  const maxPrice = { prompt: 0.5, completion: 2 };
  expect(parse({ messages, max_tokens: 100, provider })).toMatchObject({ maxTokens: 100, maxPrice });
  expect(parse({ messages, max_completion_tokens: 200 })).toMatchObject({ maxTokens: 200 });
  expect(parse({ messages, max_tokens: null, provider: { max_price: { prompt: '' } } })).toMatchObject({
    maxTokens: Number.POSITIVE_INFINITY,
    maxPrice: { prompt: Number.POSITIVE_INFINITY },
  });
});

test.each([null, [], {}, { messages: 'hello' }, { messages: [] }])('refuses %j', (body) => {
  expect(parse(body)).toBeNull();
});

test('refuses what is no JSON', () => {
  expect(parseChatRequest(Buffer.from('{'), () => false)).toBeNull();
});

test('reads the models that may stand in, each once', () => {
  const messages = [{ role: 'user', content: 'hello' }];
  expect(parse({ model: 'a/b', models: ['a/b', 'c/d', 7], messages })?.models).toEqual(['a/b', 'c/d']);
});

test('names the parameters that the model must know', () => {
  const messages = [{ role: 'user', content: 'hello' }];
  const response_format = { type: 'json_schema', json_schema: { name: 'x', schema: {} } };
  const body = { messages, temperature: 0, seed: null, response_format };
  expect(parse(body)?.requiredParameters).toEqual([]);
  expect(parse({ ...body, provider: { require_parameters: true } })?.requiredParameters).toEqual([
    'response_format',
    'temperature',
    'structured_outputs',
  ]);
});

import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { createParser } from 'eventsource-parser';
import { isRecord, parseJson } from '../../src/lib/json.ts';
import type { Fault } from '../../src/simulator/fault-plan.ts';
import { admin, chat, converse, eventsOf, simulatorsForTests } from './support.ts';

const start = simulatorsForTests();
const DOCUMENT = '# Minutes\n\nThe board met. It agreed on the budget. All went home.\n';
const SCHEMA = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] };
const FORMAT = { response_format: { type: 'json_schema', json_schema: { schema: SCHEMA } } };

async function streamed(fault?: Fault) {
  const simulator = await start({ faults: fault === undefined ? [] : [fault] });
  const reply = await chat(simulator, DOCUMENT, { stream: true });
  const chunks = eventsOf(reply.text)
    .filter((data) => isRecord(parseJson(data)))
    .map((data) => JSON.parse(data));
  const deltas = chunks.map(({ choices }) => choices[0]?.delta?.content ?? '').join('');
  return { simulator, reply, chunks, deltas, ended: reply.text.endsWith('data: [DONE]\n\n') };
}

async function whole(fault: Fault, fields = {}) {
  const simulator = await start({ faults: [fault] });
  return converse(simulator, [{ role: 'user', content: DOCUMENT }], fields);
}

async function goodAnswer(): Promise<string> {
  return (await streamed()).deltas;
}

describe('the end of an answer', () => {
  test.each(['eos', 'end_turn', 'STOP', ''])('finish-word %j, streamed and not', async (word) => {
    const { chunks, deltas, ended } = await streamed({ kind: 'finish-word', word });
    expect(chunks.at(-1)?.choices[0].finish_reason).toBe(word);
    expect([deltas, ended]).toEqual([await goodAnswer(), true]);
    expect((await whole({ kind: 'finish-word', word })).choice.finish_reason).toBe(word);
  });

  test.each([
    ['length', 'MAX_TOKENS'],
    ['content-filter', 'SAFETY'],
  ] as const)('%s by another word: half the answer', async (kind, word) => {
    const { chunks, deltas } = await streamed({ kind, word });
    expect(chunks.at(-1)?.choices[0].finish_reason).toBe(word);
    expect(deltas.length).toBeLessThan((await goodAnswer()).length);
  });

  test('finish-none: usage and [DONE] alone tell it', async () => {
    const { chunks, deltas, ended } = await streamed({ kind: 'finish-none' });
    expect(chunks.map(({ choices }) => choices[0].finish_reason)).toEqual(chunks.map(() => null));
    expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: expect.any(Number) });
    expect([deltas, ended]).toEqual([await goodAnswer(), true]);
  });
});

describe('who says what', () => {
  test('message-beside-delta: each event has all so far', async () => {
    const { chunks, deltas } = await streamed({ kind: 'message-beside-delta' });
    const messages = chunks.map(({ choices }) => choices[0].message.content);
    expect(deltas).toBe(await goodAnswer());
    expect(messages.at(-1)).toBe(deltas);
    expect(messages[0]).toBe(chunks[0].choices[0].delta.content);
  });

  test('message-alone: no delta', async () => {
    const { chunks, deltas } = await streamed({ kind: 'message-alone' });
    expect(deltas).toBe('');
    expect(chunks.at(-1)?.choices[0].message.content).toBe(await goodAnswer());
  });

  test('message-empty: the deltas alone count', async () => {
    const { chunks, deltas } = await streamed({ kind: 'message-empty' });
    expect(deltas).toBe(await goodAnswer());
    expect(chunks.every(({ choices }) => choices[0].message.content === '')).toBe(true);
  });

  test('choice-index: the one choice is number 1', async () => {
    const { chunks, deltas } = await streamed({ kind: 'choice-index' });
    expect(chunks.map(({ choices }) => choices[0].index)).toEqual(chunks.map(() => 1));
    expect(deltas).toBe(await goodAnswer());
    expect((await whole({ kind: 'choice-index' })).choice.index).toBe(1);
  });

  test('second-choice: the first one is as ever', async () => {
    const { chunks } = await streamed({ kind: 'second-choice' });
    const said = (index: number) =>
      chunks
        .map(({ choices }) => choices[0])
        .filter((choice) => choice.index === index)
        .map(({ delta }) => delta.content)
        .join('');
    expect(said(0)).toBe(await goodAnswer());
    expect(said(1)).toMatch(/^(?:Of the other choice\. )+$/);
    const { value } = await whole({ kind: 'second-choice' });
    expect(value.choices.map(({ index }: { index: number }) => index)).toEqual([0, 1]);
  });

  test('content-parts: what was thought, and what was said', async () => {
    const { message } = await whole({ kind: 'content-parts' });
    expect(message.content).toEqual([
      { type: 'thinking', thinking: [{ type: 'text', text: expect.any(String) }] },
      { type: 'text', text: await goodAnswer() },
    ]);
  });
});

describe('thinking', () => {
  test.each([
    ['think-tags', /^<think>\nDraft, not the answer: [^]*\n<\/think>\n\n# Minutes/],
    ['think-end', /^Draft, not the answer: [^]*\n<\/think>\n\n# Minutes/],
  ] as const)('%s before the answer', async (kind, form) => {
    expect((await streamed({ kind })).deltas).toMatch(form);
  });

  test('a draft of JSON fits the format, and is longer than the answer', async () => {
    const { message } = await whole({ kind: 'think-tags' }, FORMAT);
    const [, draft = '', answer = ''] = /^<think>\n([^]*)\n<\/think>\n\n([^]*)$/.exec(message.content) ?? [];
    expect(JSON.parse(answer)).toEqual({ title: 'Minutes' });
    expect(JSON.parse(draft).title).toMatch(/^Draft, not the answer/);
    expect(draft.length).toBeGreaterThan(answer.length);
  });

  test('draft-first: both fit, the answer is the last', async () => {
    const { message } = await whole({ kind: 'draft-first' }, FORMAT);
    expect(message.content).toMatch(/^\{[^]*"Draft[^]*\}\n\nThat was a draft\.[^]*\{\s*"title": "Minutes"\s*\}$/);
  });

  test('reasoning-content holds a draft, or with answer-in-reasoning the answer', async () => {
    const beside = await whole({ kind: 'reasoning-content' });
    expect([beside.message.reasoning_content, beside.message.content]).toEqual([
      expect.stringMatching(/^Draft/),
      await goodAnswer(),
    ]);
    const inside = await whole({ kind: 'answer-in-reasoning' });
    expect([inside.message.reasoning_content, inside.message.content]).toEqual([await goodAnswer(), '']);
  });
});

describe('usage', () => {
  test('odd-usage replaces what the plan names', async () => {
    const usage = { prompt_tokens: 10.5, completion_tokens: 1e19, total_tokens: 'many', cost: -1 };
    expect((await whole({ kind: 'odd-usage', usage })).value.usage).toMatchObject(usage);
  });

  test('prompt-cut tells fewer tokens than came, and is paid in full', async () => {
    const { simulator, chunks } = await streamed({ kind: 'prompt-cut', tokens: 3 });
    expect(chunks.at(-1)?.usage.prompt_tokens).toBe(3);
    expect(simulator.billing()).toMatchObject([{ billed: 1, answered: 0 }]);
  });

  test('usage-alone: no choice', async () => {
    const { chunks, ended } = await streamed({ kind: 'usage-alone' });
    expect(chunks).toMatchObject([{ choices: [], usage: { prompt_tokens: expect.any(Number) } }]);
    expect(ended).toBe(true);
  });

  test.each([
    ['ticks', (usd: number) => ({ cost_in_usd_ticks: Math.round(usd * 1e10) })],
    ['estimated', (usd: number) => ({ estimated_cost: usd })],
    ['total', (usd: number) => ({ cost: { total_cost: usd } })],
    ['header', () => ({})],
  ] as const)('told-cost: %s', async (place, told) => {
    const { simulator, chunks, reply } = await streamed({ kind: 'told-cost', place });
    const usd = simulator.billing()[0]?.costUsd ?? 0;
    expect(usd).toBeGreaterThan(0);
    const { usage } = chunks.at(-1);
    expect(usage).toMatchObject(told(usd));
    expect(typeof usage.cost).not.toBe('number');
    expect(usage.cost_details).toBeUndefined();
    expect(reply.headers['x-litellm-response-cost']).toBe(place === 'header' ? String(usd) : undefined);
  });
});

describe('bytes', () => {
  test.each(['crlf', 'cr', 'no-space', 'bom', 'multi-line', 'named'] as const)(
    'framing %s means the same to a reader of event streams',
    async (framing) => {
      const { reply } = await streamed({ kind: 'framing', framing });
      const read: string[] = [];
      const parser = createParser({ onEvent: ({ data }) => read.push(data) });
      parser.feed(`${reply.text}\n`);
      const contents = read.filter((data) => data !== '[DONE]').map((data) => JSON.parse(data));
      expect(contents.map(({ choices }) => choices[0].delta.content).join('')).toBe(await goodAnswer());
      expect(reply.text).not.toBe((await streamed()).reply.text);
    },
  );

  test('framing one-newline: no empty line between events', async () => {
    expect((await streamed({ kind: 'framing', framing: 'one-newline' })).reply.text).not.toContain('\n\n');
  });

  test.each([
    ['gzip', gunzipSync],
    ['deflate', inflateSync],
    ['br', brotliDecompressSync],
  ] as const)('compressed by %s', async (encoding, unpack) => {
    const { reply } = await streamed({ kind: 'compressed', encoding });
    expect(reply.headers['content-encoding']).toBe(encoding);
    expect(unpack(reply.body).toString()).toContain('The board met.');
  });

  test('error-event: half the answer, then an event of the name error', async () => {
    const { reply, simulator } = await streamed({ kind: 'error-event', status: 503, message: 'overloaded' });
    expect(reply.text).toMatch(/event: error\ndata: \{"error":\{"code":503,"message":"overloaded"[^\n]*\n\n$/);
    expect(simulator.billing()).toMatchObject([{ billed: 0 }]);
    expect((await admin(simulator, 'requests')).value).toMatchObject([{ outcome: 'error-event' }]);
  });
});

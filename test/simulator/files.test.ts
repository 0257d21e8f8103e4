import { describe, expect, test } from '@jest/globals';
import { audioPart, imagePart, PNG, pdfOf, pdfPart, textPart } from './parts.ts';
import { admin, call, converse, eventsOf, MODEL, simulatorsForTests } from './support.ts';

const start = simulatorsForTests();
const TEXT_MODEL = 'meta-llama/llama-3.3-70b-instruct:free';
const PDF = pdfOf('The board met.', 'It agreed.');
const OCR = { plugins: [{ id: 'file-parser', pdf: { engine: 'mistral-ocr' } }] };
const FREE = { plugins: [{ id: 'file-parser', pdf: { engine: 'cloudflare-ai' } }] };

function asking(...parts: readonly object[]): object {
  return { role: 'user', content: [textPart('# Look'), ...parts] };
}

describe('parts', () => {
  test('an answer says what was seen', async () => {
    const simulator = await start();
    const { message } = await converse(simulator, [asking(imagePart(PNG), pdfPart(PDF))]);
    expect(message.content).toContain(
      `Seen: image/png, ${PNG.length} bytes; report.pdf: application/pdf, ${PDF.length} bytes, 2 pages.`,
    );
    expect(message.content).toMatch(/^# Look\n\nThe board met\./);
  });

  test('tell documents apart, also for the plan', async () => {
    const simulator = await start({ faults: [{ kind: 'status', status: 503, document: 'bad\\.pdf' }] });
    expect((await converse(simulator, [asking(pdfPart(PDF, 'good.pdf'))])).status).toBe(200);
    expect((await converse(simulator, [asking(pdfPart(pdfOf('x'), 'bad.pdf'))])).status).toBe(503);
    expect((await converse(simulator, [asking(imagePart(PNG))])).status).toBe(200);
    expect(simulator.billing().map(({ requests }) => requests)).toEqual([1, 1, 1]);
  });

  test('an invalid part is refused', async () => {
    const simulator = await start();
    const { error } = await converse(simulator, [asking(imagePart(Buffer.alloc(0)))]);
    expect(error).toMatchObject({ code: 400, metadata: { error_type: 'invalid_image' } });
    expect((await admin(simulator, 'requests')).value).toMatchObject([{ outcome: 'flawed' }]);
  });

  test.each([
    ['image input', TEXT_MODEL, imagePart(PNG), {}],
    ['input audio', MODEL, audioPart(Buffer.from('RIFF')), {}],
    ['file input', TEXT_MODEL, pdfPart(PDF), { plugins: [{ id: 'file-parser', pdf: { engine: 'native' } }] }],
  ])('no endpoint supports %s', async (what, model, part, fields) => {
    const simulator = await start();
    expect((await converse(simulator, [asking(part)], { model, ...fields })).error).toMatchObject({
      code: 404,
      message: `No endpoints found that support ${what}`,
    });
  });

  test('audio goes to a model that takes audio', async () => {
    const simulator = await start();
    const parts = asking(audioPart(Buffer.from('RIFF'), 'mp3'));
    const { message } = await converse(simulator, [parts], { model: 'openai/gpt-audio-mini' });
    expect(message.content).toContain('Seen: audio/mp3, 4 bytes.');
  });
});

describe('a PDF', () => {
  test('that the model reads by itself leaves no annotations', async () => {
    const simulator = await start();
    expect((await converse(simulator, [asking(pdfPart(PDF))])).message).not.toHaveProperty('annotations');
    expect((await admin(simulator, 'parses')).value).toEqual([]);
  });

  test.each([
    ['cloudflare-ai', FREE, 0],
    ['mistral-ocr', OCR, 0.004],
    ['mistral-ocr', {}, 0.004],
  ])('is parsed by %s for a model that takes text alone', async (engine, fields, cost) => {
    const simulator = await start();
    const { message, value } = await converse(simulator, [asking(pdfPart(PDF))], { model: TEXT_MODEL, ...fields });
    expect(message.annotations).toMatchObject([
      { type: 'file', file: { name: 'report.pdf', hash: expect.any(String) } },
    ]);
    expect(value.usage.cost).toBeCloseTo(cost, 10);
    expect(simulator.billing()[0]?.costUsd).toBeCloseTo(cost, 10);
    expect((await admin(simulator, 'parses')).value).toMatchObject([{ engine, pages: 2, parsed: 1, spared: 0 }]);
  });

  test('is parsed, and paid for, once, if what was parsed before the failure is sent along', async () => {
    const simulator = await start({ faults: [{ kind: 'file-error', attempts: [1] }] });
    const fields = { model: TEXT_MODEL, ...OCR };
    const failed = await converse(simulator, [asking(pdfPart(PDF))], fields);
    expect(failed.error).toMatchObject({ code: 502, metadata: { file_annotations: [{ type: 'file' }] } });
    const parsed = { role: 'assistant', content: '', annotations: failed.error.metadata.file_annotations };
    const { message } = await converse(simulator, [parsed, asking(pdfPart(PDF))], fields);
    expect(message.content).toMatch(/The board met\./);
    expect((await admin(simulator, 'parses')).value).toMatchObject([{ parsed: 1, spared: 1 }]);
    expect(simulator.billing()).toMatchObject([{ requests: 2, billed: 1, costUsd: 0.004 }]);
  });

  test('has its annotations in a stream as well', async () => {
    const simulator = await start();
    const body = { model: TEXT_MODEL, stream: true, messages: [asking(pdfPart(PDF))], ...FREE };
    const { text } = await call(`${simulator.url}/chat/completions`, { method: 'POST', body });
    expect(JSON.parse(eventsOf(text)[0] ?? '').choices[0].delta.annotations).toHaveLength(1);
  });
});

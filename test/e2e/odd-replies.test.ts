import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { expect, jest, test } from '@jest/globals';
import { answerBody, events, sendJson, serve } from '../llm/support.ts';
import { filesIn } from './scene.ts';
import { onceOver, setTheStage } from './stage.ts';

jest.setTimeout(60_000);

const stage = setTheStage();

/** A server that gives each document the reply of its name, and counts the calls for it. */
async function serverWith(replies: Readonly<Record<string, object | Buffer>>) {
  const calls: Record<string, number> = {};
  const server = await serve((request, response, body) => {
    const name = /CASE-(\w+)/.exec(body)?.[1] ?? '';
    if (request.method === 'GET') return sendJson(response, 404, {});
    calls[name] = (calls[name] ?? 0) + 1;
    const reply = replies[name] ?? replies['any'] ?? {};
    if (!Buffer.isBuffer(reply)) return sendJson(response, 200, reply);
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(reply);
  });
  stage.afterwards(() => server.close());
  return { api: { url: `${server.url}/v1` }, calls };
}

const counted = (usage: object) => answerBody('Yes.', { usage: { completion_tokens: 3, cost: 0.01, ...usage } });

test('odd figures and words lose no answer that was paid for', async () => {
  const replies = {
    fraction: counted({ prompt_tokens: 10.5 }),
    huge: counted({ prompt_tokens: 1e19, completion_tokens: 1e300 }),
    text: counted({ prompt_tokens: '12' }),
    negative: counted({ prompt_tokens: -1 }),
    cached: counted({ prompt_tokens: 10, prompt_tokens_details: { cached_tokens: 1.5 } }),
    thought: counted({ completion_tokens_details: { reasoning_tokens: 1e300 } }),
    nul: answerBody('Yes.', { id: 'gen\0', model: 'm\0', provider: '\0' }),
    surrogate: answerBody('Yes.', { id: '\ud800', model: '\udfff', provider: 'x\ud800' }),
    long: answerBody('Yes.', { id: 'x'.repeat(99_999), model: 'x'.repeat(99_999) }),
    packed: gzipSync(JSON.stringify(answerBody('Yes.'))),
  };
  const { api, calls } = await serverWith(replies);
  const workspace = await stage.workspace();
  const names = Object.keys(replies);
  for (const name of names) await workspace.drop(`${name}.txt`, `CASE-${name}`);
  const run = await stage.run(onceOver(workspace, api, '--model', 'm'));
  expect(run.code).toBe(0);
  expect(calls).toEqual(Object.fromEntries(names.map((name) => [name, 1])));
  expect(run.summary).toMatchObject({ succeeded: names.length, attempts: names.length, inDoubt: 0 });
  expect(await filesIn(workspace.outbox())).toHaveLength(names.length);
  // The ledger has them all.
  const status = await stage.run(['status', '--json', '--root', workspace.root]);
  expect(status.code).toBe(0);
});

test('what is whole, or would be the same again, is paid for once', async () => {
  const said = { choices: [{ index: 0, delta: { content: 'The harbour was dredged in time.' }, finish_reason: null }] };
  const end = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
  const usage = { choices: [], usage: { prompt_tokens: 10, completion_tokens: 8, cost: 0.01 } };
  const late = `${events(said, end, usage)}event: error\ndata: {"message":"late"}\n\n`;
  const growing = [
    'The harbour was',
    'The harbour was dredged',
    'The harbour was dredged in',
    'The harbour was dredged in time.',
  ];
  const soFar = growing.map((content) => ({ choices: [{ index: 0, delta: { content } }] }));
  const filed = { late, cut: events(said, end, usage), soFar: events(...soFar, end, usage, '[DONE]') };
  const failed = {
    untold: events(said, '[DONE]'),
    lines: '{"message":{"content":"The"}}\n{"message":{"content":" harbour"}}\n',
    thinking: events(
      { choices: [{ index: 0, delta: { content: '<think>Hm' }, finish_reason: 'stop' }] },
      usage,
      '[DONE]',
    ),
  };
  const replies: Readonly<Record<string, string>> = { ...filed, ...failed };
  const calls: Record<string, number> = {};
  const server = await serve((request, response, body) => {
    if (request.method === 'GET') return sendJson(response, 404, {});
    const name = /CASE-(\w+)/.exec(body)?.[1] ?? '';
    calls[name] = (calls[name] ?? 0) + 1;
    response.writeHead(200).write(replies[name] ?? '');
    // Of one, the connection breaks when all was said.
    setTimeout(() => (name === 'cut' ? request.socket.destroy() : response.end()), 20);
  });
  stage.afterwards(() => server.close());
  const workspace = await stage.workspace();
  const names = Object.keys(replies);
  for (const name of names) await workspace.drop(`${name}.txt`, `CASE-${name}`);
  const run = await stage.run(onceOver(workspace, { url: `${server.url}/v1` }, '--model', 'm'));
  expect(calls).toEqual(Object.fromEntries(names.map((name) => [name, 1])));
  expect(run.summary).toMatchObject({ succeeded: 3, failed: 3, attempts: 6 });
  for (const name of Object.keys(filed))
    expect(await readFile(workspace.outbox(`${name}.txt.md`), 'utf8')).toBe('The harbour was dredged in time.');
  expect((await workspace.report('lines.txt'))['reason']).toMatch(/lines of JSON \(NDJSON\).*check --api/);
});

const LONG = 'The harvest was late, and prices rose again because the quay had not been mended in time. '.repeat(1000);

test('a prompt that the API cut fails its document, with what was said of it', async () => {
  const { api, calls } = await serverWith({
    whole: counted({ prompt_tokens: 18_000 }),
    cut: counted({ prompt_tokens: 4096 }),
  });
  const workspace = await stage.workspace();
  await workspace.drop('a.txt', `CASE-whole ${LONG}`);
  await workspace.drop('b.txt', `CASE-cut ${LONG}`);
  const run = await stage.run(onceOver(workspace, api, '--model', 'm', '--concurrency', '1'));
  expect(run.code).toBe(3);
  expect(calls).toEqual({ whole: 1, cut: 1 });
  expect(JSON.parse(await readFile(workspace.failed('b.txt.error.json'), 'utf8'))).toMatchObject({
    code: 'prompt-cut',
  });
  expect(await readFile(workspace.failed('b.txt.partial.md'), 'utf8')).toBe('Yes.');
});

test('five that are cut at the start pause the model, and no document fails', async () => {
  const { api, calls } = await serverWith({ any: counted({ prompt_tokens: 4096 }) });
  const workspace = await stage.workspace();
  for (let number = 1; number <= 7; number += 1) await workspace.drop(`${number}.txt`, `${number} ${LONG}`);
  const run = await stage.run(onceOver(workspace, api, '--model', 'm', '--concurrency', '1'));
  expect(run.code).toBe(2);
  expect(run.summary).toMatchObject({ failed: 0, pending: 7, stopped: 'model', attempts: 5 });
  expect(calls).toEqual({ '': 5 });
  expect(run.stderr).toContain('OLLAMA_CONTEXT_LENGTH');
});

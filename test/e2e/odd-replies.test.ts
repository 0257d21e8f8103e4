import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { expect, jest, test } from '@jest/globals';
import { answerBody, sendJson, serve } from '../llm/support.ts';
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

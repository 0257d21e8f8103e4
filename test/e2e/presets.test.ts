import { mkdir, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, jest, test } from '@jest/globals';
import type { JsonRecord } from '../../src/lib/json.ts';
import { pdfFile } from '../inbox/convert/pdf-file.ts';
import { events, sendJson, serve } from '../llm/support.ts';
import { setTheStage } from './stage.ts';

jest.setTimeout(60_000);

const stage = setTheStage();

/** What any API takes that knows chat completions. */
const CORE = ['model', 'messages', 'max_tokens', 'stream', 'stream_options'];

interface Call {
  readonly headers: IncomingHttpHeaders;
  readonly body: JsonRecord;
}

/** An API on this machine that refuses every field that it does not know. */
async function strictApi({ fields = CORE, answer = 'Said.', lists = {} }: Readonly<Partial<Strict>> = {}) {
  const calls: Call[] = [];
  const server = await serve(({ url = '', method, headers }, response, text) => {
    if (url in lists) return sendJson(response, 200, lists[url]);
    if (method !== 'POST') return sendJson(response, 404, { error: { message: `no ${url}` } });
    const body = JSON.parse(text) as JsonRecord;
    calls.push({ headers, body });
    const unknown = Object.keys(body).find((name) => !fields.includes(name));
    if (unknown !== undefined) return sendJson(response, 400, { error: { message: `Unknown name "${unknown}"` } });
    const reply = { choices: [{ index: 0, delta: { content: answer }, finish_reason: 'stop' }] };
    response.end(events(reply, '[DONE]'));
  });
  stage.afterwards(() => server.close());
  return { url: server.url, calls };
}

interface Strict {
  readonly fields: readonly string[];
  readonly answer: string;
  readonly lists: Readonly<Record<string, unknown>>;
}

const ask = (root: string, api: string, ...flags: readonly string[]) =>
  stage.run(['--once', '--json', '--no-recipe', '--settle', '0', '--root', root, '--api', api, ...flags]);

describe('an API of which nothing is known', () => {
  test('is sent what all take, and what the recipe says', async () => {
    const api = await strictApi({ fields: [...CORE, 'temperature'] });
    const workspace = await stage.workspace();
    for (const name of ['a.txt', 'b.txt', 'c.txt']) await workspace.drop(name);
    await writeFile(workspace.inbox('_recipe.prompt'), '---\nconfig: { temperature: 0 }\n---\nSum it up.');
    const { code, summary } = await ask(workspace.root, `${api.url}/v1`, '--model', 'm');
    expect({ code, ...summary }).toMatchObject({ code: 0, succeeded: 3, attempts: 3 });
    expect(Object.keys(api.calls[0]?.body ?? {}).toSorted()).toEqual([...CORE, 'temperature'].toSorted());
  });

  test('is told how long to think only where that is said', async () => {
    const api = await strictApi({ fields: [...CORE, 'reasoning_effort'] });
    const workspace = await stage.workspace();
    await workspace.drop('a.txt');
    await ask(workspace.root, `${api.url}/v1`, '--model', 'm', '--reasoning', 'low');
    expect(api.calls.map(({ body }) => body['reasoning_effort'])).toEqual(['low']);
  });

  test('gets the text of a PDF, and the PDF itself where the recipe says so', async () => {
    const api = await strictApi();
    const workspace = await stage.workspace();
    await workspace.drop('a.pdf', pdfFile(['Once upon a page']));
    await mkdir(workspace.inbox('native'));
    await workspace.drop('native/b.pdf', pdfFile(['Twice upon a page']));
    await writeFile(workspace.inbox('native', '_recipe.prompt'), '---\nsluice: { pdf: native }\n---\nSum it up.');
    expect(await ask(workspace.root, `${api.url}/v1`, '--model', 'm')).toMatchObject({ code: 0 });
    const sent = api.calls.map(({ body }) => JSON.stringify(body['messages'])).toSorted();
    expect(sent).toEqual([expect.stringContaining('Once upon a page'), expect.stringContaining('"file_data"')]);
  });
});

const rendered = async (root: string, api: string, ...flags: readonly string[]): Promise<JsonRecord> => {
  const { stdout } = await stage.run([
    'render',
    'a.txt',
    '--json',
    '--no-recipe',
    '--root',
    root,
    '--api',
    api,
    ...flags,
  ]);
  return (JSON.parse(stdout) as { readonly body: JsonRecord }).body;
};

describe('a simulator at an address of this machine', () => {
  test('is sent what OpenRouter is sent, as it says that it plays it', async () => {
    const simulator = await stage.simulator();
    const workspace = await stage.workspace();
    await workspace.drop('a.txt');
    const provider = { max_price: { prompt: '3', completion: '15' } };
    expect(await rendered(workspace.root, simulator.url, '--max-cost', '5')).toMatchObject({
      reasoning: { effort: 'high' },
      provider,
    });
    const other = await strictApi();
    expect(Object.keys(await rendered(workspace.root, `${other.url}/v1`)).toSorted()).toEqual(CORE.toSorted());
  });

  test('has results that are not stale once it is gone: what was asked for is the same', async () => {
    const simulator = await stage.simulator();
    const workspace = await stage.workspace();
    await workspace.drop('a.txt');
    expect((await ask(workspace.root, simulator.url)).summary).toMatchObject({ succeeded: 1 });
    await simulator.close();
    const { stdout } = await stage.run([
      'status',
      '--json',
      '--no-recipe',
      '--root',
      workspace.root,
      '--api',
      simulator.url,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ documents: { done: 1, stale: 0 } });
  });
});

test('a document that is longer than the context which the API tells is refused before it is cut', async () => {
  const api = await strictApi({ lists: { '/v1/models': { data: [{ id: 'm', max_model_len: 4096 }] } } });
  const workspace = await stage.workspace();
  await workspace.drop('long.txt', 'A long sentence of many words. '.repeat(3000));
  await workspace.drop('short.txt');
  const { summary } = await ask(workspace.root, `${api.url}/v1`, '--model', 'm');
  expect(summary).toMatchObject({ succeeded: 1, failed: 1 });
  expect(await workspace.report('long.txt')).toMatchObject({ code: 'too-long' });
  expect(api.calls).toHaveLength(1);
  expect(api.calls[0]?.body['max_tokens']).toBeLessThan(4096);
});

test('a name that is none is refused with the nearest, and one without an address with what to give', async () => {
  const { root } = await stage.workspace();
  const misspelt = await ask(root, 'gemni', '--model', 'm');
  expect(misspelt.code).toBe(2);
  expect(misspelt.stderr).toContain('--api does not take "gemni" (did you mean gemini?)');
  const azure = await ask(root, 'azure', '--model', 'm');
  expect(azure.code).toBe(2);
  expect(azure.stderr).toContain('https://RESOURCE.openai.azure.com/openai/v1');
  const keyless = await ask(root, 'mistral', '--model', 'mistral-small');
  expect(keyless.code).toBe(2);
  expect(keyless.stderr).toContain('set MISTRAL_API_KEY');
  const modelless = await ask(root, 'https://llm.example.org/v1');
  expect(modelless.code).toBe(2);
  expect(modelless.stderr).toContain('--api https://llm.example.org/v1 needs --model');
});

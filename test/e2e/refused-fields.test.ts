import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { asArray, asObject, type JsonRecord } from '../../src/lib/json.ts';
import { openAiError, type RefusingServer, startRefusing, startStrict, untaken } from '../llm/refusing-server.ts';
import { answerBody } from '../llm/support.ts';
import type { Workspace } from '../support/workspace.ts';
import { type EndedProgram, onceOver, setTheStage } from './stage.ts';

jest.setTimeout(60_000);

const stage = setTheStage();

interface Run {
  readonly server: RefusingServer;
  readonly workspace: Workspace;
  readonly program: EndedProgram;
  readonly summary: JsonRecord;
}

interface Scene {
  readonly documents?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly recipe?: string;
}

async function runAgainst(
  starting: Promise<RefusingServer>,
  { documents = some(30), flags = [], recipe }: Scene = {},
): Promise<Run> {
  const server = await starting;
  stage.afterwards(() => server.close());
  const workspace = await stage.workspace();
  for (const [id, text] of Object.entries(documents)) await workspace.drop(id, text);
  if (recipe !== undefined) {
    await mkdir(join(workspace.root, 'recipes'));
    await writeFile(join(workspace.root, 'recipes', 'default.prompt'), recipe);
  }
  const api = { url: `${server.url}/v1` };
  const program = await stage.run(onceOver(workspace, api, '--model', 'm', '--receipts', ...flags));
  return { server, workspace, program, summary: asObject(program.summary) };
}

const some = (count: number, text = 'hello') =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}.txt`, `${text} ${index}`]));

const told = ({ program }: Run) =>
  program.log.filter((line) => /it is (?:left out|sent as)/.test(String(line['msg'])) && line['event'] === 'run-noted');

test.each([5, 50])(
  'fields that an API refuses are left out, told once, and nothing fails: %i in flight',
  async (calls) => {
    const run = await runAgainst(startStrict('gemini'), {
      flags: ['--concurrency', String(calls), '--retries', '0', '--reasoning', 'high'],
      documents: some(60),
    });
    const refused = untaken(run.server.bodies[0]);
    expect(refused.length).toBeGreaterThan(1);
    expect(run.program.code).toBe(0);
    expect(run.summary).toMatchObject({ succeeded: 60, failed: 0, inDoubt: 0, costUnknownAttempts: 0, stopped: null });
    expect(run.summary['dropped']).toEqual(
      refused.map((field) => ({ api: `${run.server.url}/v1`, model: 'm', field })),
    );
    expect(told(run)).toHaveLength(refused.length);
    expect(run.program.log.filter(({ event }) => event === 'document-noted')).toEqual([]);
    const receipt = asObject(JSON.parse(await readFile(run.workspace.outbox('7.txt.md.receipt.json'), 'utf8')));
    expect(asArray(receipt['notes'])).toEqual(
      refused.map((field) => `It was sent without ${field}, which the API does not take.`),
    );
  },
);

test('what an API does not take by one name is sent by the other', async () => {
  const message =
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
  const run = await runAgainst(
    startRefusing((body) => ('max_tokens' in body ? { status: 400, body: openAiError(message) } : null)),
  );
  expect(run.summary).toMatchObject({ succeeded: 30, failed: 0 });
  expect(run.summary['dropped']).toMatchObject([{ field: 'max_tokens', sentAs: 'max_completion_tokens' }]);
  expect(told(run)).toHaveLength(1);
});

test('the fingerprint is that of what was asked for: what a process learned makes no result stale', async () => {
  const first = await runAgainst(startStrict('groq'), { flags: ['--reasoning', 'high'] });
  const api = { url: `${first.server.url}/v1` };
  const again = await stage.run(
    onceOver(first.workspace, api, '--model', 'm', '--reasoning', 'high', '--redo', 'stale'),
  );
  expect(again.summary).toMatchObject({ skipped: 30, attempts: 0, stale: 0, dropped: [] });
});

const wordsOf = (body: JsonRecord) => JSON.stringify(body['messages']).split(/\s+/).length;
const words = (count: number) => 'harbour '.repeat(count);

/** A server whose model takes so many words, prompt and answer together. */
const withContext = (context: number) =>
  startRefusing(
    (body) => {
      const prompt = wordsOf(body) + 20;
      const answer = Number(body['max_tokens']);
      if (prompt + answer <= context) return null;
      const message =
        `This model's maximum context length is ${context} tokens. However, you requested ${prompt + answer} tokens ` +
        `(${prompt} in the messages, ${answer} in the completion). Please reduce the length of the messages.`;
      return { status: 400, body: openAiError(message) };
    },
    (body) => answerBody('It is read.', { usage: { prompt_tokens: wordsOf(body) + 20, completion_tokens: 3 } }),
  );

test('a context that a refusal states holds for all further documents', async () => {
  const documents = { 'a.txt': words(100), 'b.txt': words(2000), 'c.txt': words(9000), 'd.txt': words(9001) };
  const run = await runAgainst(withContext(4096), { documents, flags: ['--concurrency', '1'] });
  expect(run.summary).toMatchObject({ succeeded: 2, failed: 2 });
  expect((await run.workspace.report('d.txt'))['code']).toBe('too-long');
  // One taught it, and none of the long ones left.
  expect(run.server.bodies.filter((body) => wordsOf(body) > 8000)).toHaveLength(0);
});

test('a document that is too long fails by the words of the API, and the next one is not sent', async () => {
  const documents = { 'a.txt': words(9000), 'b.txt': words(9001), 'c.txt': words(9002) };
  const run = await runAgainst(withContext(4096), { documents, flags: ['--concurrency', '1'] });
  expect(run.server.bodies).toHaveLength(1);
  const codes = await Promise.all(Object.keys(documents).map(async (id) => (await run.workspace.report(id))['code']));
  expect(codes.filter((code) => code === 'context-too-long')).toHaveLength(1);
  expect(codes.filter((code) => code === 'too-long')).toHaveLength(2);
});

test('or it is split, if its recipe says so', async () => {
  const run = await runAgainst(withContext(4096), {
    documents: { 'a.txt': words(9000), 'b.txt': words(9001) },
    recipe: '---\nsluice:\n  on_too_long: split\n---\nSum up.',
  });
  expect(run.summary).toMatchObject({ succeeded: 2, failed: 0 });
  expect(run.program.log.some(({ msg }) => /was asked in \d parts/.test(String(msg)))).toBe(true);
});

test('a schema that an API does not take is put into words, and its answer still held to it', async () => {
  const run = await runAgainst(
    startRefusing(
      ({ response_format: form }) =>
        asObject(form)['type'] === 'json_schema'
          ? { status: 400, body: openAiError('This response_format type is unavailable now') }
          : null,
      () => answerBody('{"a": 1}'),
    ),
    { recipe: '---\noutput:\n  format: json\n  schema:\n    a: integer\n---\nRead it.' },
  );
  expect(run.summary).toMatchObject({ succeeded: 30, failed: 0, dropped: [{ field: 'response_format.json_schema' }] });
  expect(JSON.stringify(run.server.bodies.at(-1))).toContain('JSON Schema');
});

test('a field of the recipe fails its documents, by name, and five alike pause the model', async () => {
  const message = "Unsupported value: 'temperature' does not support 0.2 with this model.";
  const refusing = () =>
    startRefusing((body) => ('temperature' in body ? { status: 400, body: openAiError(message) } : null));
  const recipe = '---\nconfig:\n  temperature: 0.2\n---\nRead it.';
  const few = await runAgainst(refusing(), { recipe, documents: some(3) });
  expect(few.summary).toMatchObject({ failed: 3, dropped: [] });
  expect((await few.workspace.report('1.txt'))['reason']).toMatch(/does not take temperature as the recipe sets it/);
  const many = await runAgainst(refusing(), { recipe, documents: some(8) });
  expect(many.summary).toMatchObject({ failed: 0, pending: 8, stopped: 'model' });
  expect(many.summary['stopCause']).toMatch(/does not take temperature as the recipe sets it/);
});

test('without a limit of tokens a budget cannot be kept: the model pauses, and no document fails', async () => {
  const takesNone = startRefusing((body) => {
    const name = Object.keys(body).find((field) => field.startsWith('max_'));
    return name === undefined ? null : { status: 400, body: openAiError(`Unknown parameter: '${name}'.`) };
  });
  const run = await runAgainst(takesNone, {
    flags: ['--max-cost', '5', '--price-prompt', '0.1', '--price-completion', '0.1'],
  });
  expect(run.program.code).toBe(2);
  expect(run.summary).toMatchObject({ succeeded: 0, failed: 0, pending: 30, costUsd: 0, stopped: 'model' });
  expect(run.program.stderr).toMatch(/takes no limit of tokens/);
});

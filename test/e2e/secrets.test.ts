import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, jest, test } from '@jest/globals';
import { openDatabase } from '../../src/ledger/sqlite.ts';
import type { Program } from '../support/program.ts';
import type { Workspace } from '../support/workspace.ts';
import { onceOver, setTheStage } from './stage.ts';

jest.setTimeout(60_000);

const stage = setTheStage();

const KEY = 'sk-or-v1-CANARY+0123/456789abcdef=';
const SENTENCE = 'The canary "Aurelia" sang of ébène and brass in the old lighthouse at noon.';
/** At `trace`, the key is taken from each place where it may stand. */
const OTHER_LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'];

type Reply = (response: ServerResponse, request: IncomingMessage, body: string) => void;

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function sendEvents(response: ServerResponse, ...values: readonly unknown[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(values.map((value) => `data: ${JSON.stringify(value)}\n\n`).join(''));
}

/** All that a server heard. */
function heard({ headers }: IncomingMessage, body: string): string {
  return `${JSON.stringify(headers)} ${body}`;
}

/** Ways in which a server gives back what it heard. The document of the same name gets it. */
const ECHOES: Readonly<Record<string, Reply>> = {
  'a message': (response, request, body) =>
    sendJson(response, 400, { error: { code: 400, message: heard(request, body) } }),
  'a message that begins with the document': (response, _, body) =>
    sendJson(response, 422, { error: { code: 422, message: contentOf(body) } }),
  'a message that begins with the key': (response, request) =>
    sendJson(response, 500, { error: { code: 500, message: `${request.headers.authorization}` } }),
  'the words of the provider': (response, request, body) =>
    sendJson(response, 502, {
      error: {
        code: 502,
        message: 'Provider returned error',
        metadata: { raw: `${request.headers.authorization} ${contentOf(body)}`, provider_name: contentOf(body) },
      },
    }),
  moderation: (response, _, body) =>
    sendJson(response, 403, {
      error: {
        code: 403,
        message: 'Flagged',
        metadata: { reasons: [contentOf(body)], flagged_input: contentOf(body) },
      },
    }),
  'a page': (response, request, body) =>
    response.writeHead(502, { 'content-type': 'text/html' }).end(`<html>${heard(request, body)}</html>`),
  'a page under 200': (response, request, body) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<html>${heard(request, body)}</html>`),
  headers: (response, request, body) =>
    response
      .writeHead(503, {
        'x-generation-id': `${request.headers.authorization}`,
        'x-document': encodeURIComponent(contentOf(body)),
      })
      .end(),
  labels: (response, request, body) =>
    sendJson(response, 200, {
      id: `${request.headers.authorization}`,
      model: contentOf(body),
      provider: contentOf(body),
      choices: [],
    }),
  'an event': (response, request, body) =>
    sendEvents(
      response,
      { id: 'gen-1', choices: [{ index: 0, delta: { content: 'Half an answer' } }] },
      { error: { code: 502, message: heard(request, body) }, choices: [{ delta: {}, finish_reason: 'error' }] },
    ),
  'the name of a finish': (response, request, body) =>
    sendEvents(response, {
      id: 'gen-2',
      choices: [{ index: 0, delta: { content: 'Half' }, finish_reason: heard(request, body) }],
    }),
  'no JSON at all': (response, request, body) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(heard(request, body)),
  'an event that is no JSON': (response, request, body) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${heard(request, body)}\n\n`),
  // Encoded as servers do that quote a request in a message.
  'base64 of key and document': (response, request, body) =>
    sendJson(response, 400, {
      error: { code: 400, message: base64(`${request.headers.authorization} ${contentOf(body)}`) },
    }),
  'base64 of the key': (response) =>
    sendJson(response, 500, { error: { code: 500, message: `Bad key ${base64(KEY)}` } }),
  'the encoding of URLs': (response, request, body) => {
    const query = new URLSearchParams({ key: `${request.headers.authorization}`, text: contentOf(body) });
    sendJson(response, 400, { error: { code: 400, message: `Bad query ${query.toString()}` } });
  },
};

/** Those that fail no document, if they are all that comes in the end. */
const OF_GATEWAYS: ReadonlySet<string> = new Set(['a page', 'a page under 200', 'headers']);

function base64(plain: string): string {
  return Buffer.from(plain).toString('base64');
}

function contentOf(body: string): string {
  const { messages } = JSON.parse(body) as { messages: readonly { content: string }[] };
  return messages.at(-1)?.content ?? '';
}

/** Starts a server that echoes each document in the way that the document names. */
async function startEcho(echoes: Readonly<Record<string, Reply>>) {
  const keys = new Set<string | undefined>();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    // Its list of models is asked for first.
    if (request.method === 'GET') return sendJson(response, 404, {});
    keys.add(request.headers.authorization);
    const name = /^\[(.*?)\]/.exec(contentOf(body))?.[1] ?? '';
    echoes[name]?.(response, request, body);
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stage.afterwards(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/api/v1`, keys, server };
}

async function workspaceFor(echoes: Readonly<Record<string, Reply>>): Promise<Workspace> {
  const workspace = await stage.workspace();
  for (const name of Object.keys(echoes)) await workspace.drop(`${name}.txt`, `[${name}] ${SENTENCE}\n`);
  return workspace;
}

/** The text of every file in a workspace but documents, results and the texts of cut answers. */
async function filesOf({ root }: Workspace): Promise<Readonly<Record<string, string>>> {
  forgetAnswers(join(root, '.sluice', 'ledger.db'));
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !/^(inbox|outbox)\//.test(path) && !path.endsWith('.partial.md'));
  const read = async (path: string): Promise<[string, string]> => [path, await readFile(join(root, path), 'utf8')];
  return Object.fromEntries(await Promise.all(paths.map(read)));
}

/** Takes the answers out of a ledger: they are results, and these may repeat the document. */
function forgetAnswers(file: string): void {
  if (!existsSync(file)) return;
  const ledger = openDatabase(file);
  ledger.exec("UPDATE calls SET text = ''; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);");
  ledger.close();
}

/** What must show nowhere: the key, either half of it, the sentence, or its rare words. */
const SECRETS = [KEY, KEY.slice(0, 17), KEY.slice(17), SENTENCE, 'Aurelia', 'ébène', 'lighthouse'];

/** A text in all the ways in which somebody who looks for secrets would read it. */
function readingsOf(content: string): readonly string[] {
  const encoded = content.match(/[\w+/-]{8,}/g) ?? [];
  return [
    content,
    content.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
    content.replace(/\\(.)/g, '$1'),
    content.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString()),
    // Whatever it was cut at: base64 is read in steps of four characters.
    ...encoded.flatMap((run) => [0, 1, 2, 3].map((start) => Buffer.from(run.slice(start), 'base64').toString())),
    ...encoded.map((run) => Buffer.from(run, 'hex').toString()),
  ];
}

/** Which secret shows, and where. */
function leaksIn(places: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(places).flatMap(([place, content]) => {
    const readings = readingsOf(content);
    return SECRETS.filter((secret) => readings.some((reading) => reading.includes(secret))).map(
      (secret) => `${JSON.stringify(secret)} shows in ${place}`,
    );
  });
}

/** The command line of a running program, as everybody on the machine can read it. */
function commandLineOf({ child }: Program): string {
  return process.platform === 'linux' ? readFileSync(`/proc/${child.pid}/cmdline`, 'utf8') : '';
}

interface Way {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly currentFolder: string;
}

/** Runs over a workspace in which every document is echoed; tells all that the program left behind. */
async function everythingSaid(
  echoes: Readonly<Record<string, Reply>>,
  level: string,
  way: Partial<Way> = {},
): Promise<{ readonly places: Readonly<Record<string, string>>; readonly keys: ReadonlySet<string | undefined> }> {
  const workspace = await workspaceFor(echoes);
  const { url, keys, server } = await startEcho(echoes);
  const { args = [], environment = {}, ...settings } = way;
  const limits = ['--retries', '1', '--retry-delay', '0', '--log-level', level, '--concurrency', '50'];
  const program = stage.start(onceOver(workspace, { url }, ...limits, ...args), { environment, ...settings });
  await once(server, 'request');
  const commandLine = commandLineOf(program);
  expect(await program.exited).toBe(3);
  const { failed, pending, stopped } = program.summary;
  expect([Number(failed) + Number(pending), stopped]).toEqual([Object.keys(echoes).length, null]);
  const { stdout, stderr } = program;
  return { keys, places: { ...(await filesOf(workspace)), stdout, stderr, commandLine } };
}

describe('neither the key nor a document shows, whatever a server echoes', () => {
  const WAYS: readonly [string, (folder: string) => Promise<Partial<Way>>][] = [
    ['OPENROUTER_API_KEY', async () => ({ environment: { OPENROUTER_API_KEY: KEY } })],
    ['SLUICE_API_KEY', async () => ({ environment: { SLUICE_API_KEY: KEY } })],
    [
      '.env',
      async (folder) => {
        await writeFile(join(folder, '.env'), `OPENROUTER_API_KEY="${KEY}"\n`);
        return { currentFolder: folder };
      },
    ],
    [
      '--api-key-file',
      async (folder) => {
        await writeFile(join(folder, 'key'), `${KEY}\n`);
        return { args: ['--api-key-file', join(folder, 'key')] };
      },
    ],
    ['SLUICE_API_KEY_COMMAND', async () => ({ environment: { SLUICE_API_KEY_COMMAND: `/bin/echo ${KEY}` } })],
    ['a header', async () => ({ environment: { SLUICE_API_HEADERS: `Authorization: Bearer ${KEY}` } })],
    [
      'SLUICE_API_KEY_FILE',
      async (folder) => {
        await writeFile(join(folder, 'key'), KEY);
        return { environment: { SLUICE_API_KEY_FILE: join(folder, 'key') } };
      },
    ],
  ];

  test.each(WAYS)('with the key from %s', async (_, way) => {
    const { places, keys } = await everythingSaid(ECHOES, 'trace', await way(await stage.folder()));
    expect([...keys]).toEqual([`Bearer ${KEY}`]);
    for (const name of Object.keys(ECHOES).filter((echo) => !OF_GATEWAYS.has(echo)))
      expect(Object.keys(places)).toContain(`failed/${name}.txt.error.json`);
    expect(leaksIn(places)).toEqual([]);
  });

  test.each(OTHER_LOG_LEVELS)('at log level %s', async (level) => {
    const { places } = await everythingSaid(ECHOES, level, { environment: { SLUICE_API_KEY: KEY } });
    expect(leaksIn(places)).toEqual([]);
  });

  test('in one JSON body', async () => {
    const way = { environment: { SLUICE_API_KEY: KEY }, args: ['--no-stream'] };
    const { places } = await everythingSaid(ECHOES, 'trace', way);
    expect(leaksIn(places)).toEqual([]);
  });
});

describe('neither the key nor a document shows', () => {
  const environment = { SLUICE_API_KEY: KEY };

  test('where all goes well, but in the result', async () => {
    const workspace = await workspaceFor(ECHOES);
    const simulator = await stage.simulator();
    const { code, stdout, stderr } = await stage.run(onceOver(workspace, simulator, '--log-level', 'trace'), {
      environment,
    });
    expect(code).toBe(0);
    expect(await workspace.result('a page.txt')).toContain('Aurelia');
    expect(leaksIn({ stdout, stderr, ...(await filesOf(workspace)) })).toEqual([]);
  });

  test('where the connection breaks, hangs, or is refused', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({
      faults: [{ kind: 'reset-after', document: 'breaks' }, { kind: 'hang' }],
    });
    await workspace.drop('breaks.txt', `It breaks. ${SENTENCE}`);
    await workspace.drop('hangs.txt', `It hangs. ${SENTENCE}`);
    const limits = ['--timeout', '0.5', '--retries', '1', '--retry-delay', '0', '--log-level', 'trace'];
    const cut = await stage.run(onceOver(workspace, simulator, ...limits), { environment });
    await simulator.close();
    await workspace.drop('refused.txt', `It is refused. ${SENTENCE}`);
    const refused = await stage.run(onceOver(workspace, simulator, ...limits), { environment });
    expect([cut.code, refused.code]).toEqual([3, 3]);
    expect(leaksIn({ cut: cut.stderr, refused: refused.stderr, ...(await filesOf(workspace)) })).toEqual([]);
  });

  test('where the key is wrong, or stands where it does not belong', async () => {
    const { root } = await stage.workspace();
    const inUrl = KEY.replaceAll('/', '');
    const mistakes = [
      await stage.run(['--root', root], { environment: { SLUICE_API_KEY: `${KEY} ${KEY}` } }),
      await stage.run(['--root', root, '--api', `https://user:${inUrl}@host/api`]),
    ];
    for (const { code, stdout, stderr } of mistakes) {
      expect(code).toBe(2);
      expect(leaksIn({ stdout, stderr })).toEqual([]);
    }
  });
});

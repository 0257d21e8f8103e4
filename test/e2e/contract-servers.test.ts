import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { sayNotTested } from '../support/say-not-tested.ts';
import { until } from '../support/until.ts';
import { onceOver, setTheStage } from './stage.ts';

jest.setTimeout(120_000);

/** Where the servers are installed that nobody here wrote; CONTRIBUTING.md says how. */
const FOLDER = process.env['SLUICE_CONTRACT_SERVERS'] ?? '';
const OPENAPI = process.env['SLUICE_OPENROUTER_OPENAPI'] ?? resolve('../shared/reference/openrouter-openapi.yaml');

const GATEWAY = join(FOLDER, 'node_modules/@portkey-ai/gateway/build/start-server.js');
const PRISM = join(FOLDER, 'node_modules/@stoplight/prism-cli/dist/index.js');

function described(what: string, ...files: readonly string[]): typeof describe | typeof describe.skip {
  const missing = files.find((file) => FOLDER === '' || !existsSync(file));
  if (missing === undefined) return describe;
  sayNotTested(what, 'SLUICE_CONTRACT_SERVERS names no folder where it is installed, or the OpenAPI file is missing');
  return describe.skip;
}

const stage = setTheStage();

async function freePort(): Promise<number> {
  const server = createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Starts a server of Node; it ends with the test. Resolves when it answers. */
async function serve(file: string, argumentsFor: (port: number) => readonly string[]): Promise<number> {
  const port = await freePort();
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [file, ...argumentsFor(port)], { env: { PATH, HOME }, stdio: 'ignore' });
  const exited = once(child, 'exit');
  stage.afterwards(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  await until('the server answers', async () => {
    const answered = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
    return answered !== null;
  });
  return port;
}

const SIX = Array.from({ length: 6 }, (_, index) => `${index}.txt`);

/** Six documents through the gateway to the simulator, which plays Groq. */
async function askGroq(key: string, ...flags: readonly string[]) {
  const groq = await stage.simulator({}, 'groq');
  const port = await serve(GATEWAY, (free) => [`--port=${free}`, '--headless']);
  const workspace = await stage.workspace();
  for (const name of SIX) await workspace.drop(name);
  const headers = `x-portkey-provider: openai\nx-portkey-custom-host: ${groq.url}`;
  const way = ['--no-stream', '--model', 'llama-3.3-70b-versatile', '--retry-delay', '0.1', ...flags];
  const program = await stage.run(onceOver(workspace, { url: `http://127.0.0.1:${port}/v1` }, ...way), {
    environment: { SLUICE_API_KEY: key, SLUICE_API_HEADERS: headers },
  });
  return { program, workspace, billed: groq.billing().map(({ billed }) => billed) };
}

/** Its streams end in an error of its own on Node 20: "immutable". */
described('sluice behind @portkey-ai/gateway', GATEWAY)('behind @portkey-ai/gateway, which asks Groq', () => {
  test('each document is answered, and paid for once', async () => {
    const { program, workspace, billed } = await askGroq('sk-of-a-test-0123');
    expect(program.code).toBe(0);
    expect(SIX.filter((name) => workspace.hasResult(name))).toEqual(SIX);
    expect(billed).toEqual(SIX.map(() => 1));
  });

  test('a wrong key stops the run in the words of Groq, and no document fails', async () => {
    const { program } = await askGroq('bad-key');
    expect(program.summary).toMatchObject({ stopped: 'account', failed: 0, pending: SIX.length });
    expect(program.stderr).toContain('Invalid API Key');
  });

  test('its headers never reach the log', async () => {
    const { program } = await askGroq('sk-of-a-test-0123', '--log-level', 'trace');
    expect(program.stderr).not.toContain('x-portkey-custom-host');
  });
});

/** Whatever the schema allows: any text, number or list, and every status code with it. */
described(
  'sluice against @stoplight/prism-cli',
  PRISM,
  OPENAPI,
)('against prism, which makes up what OpenRouter’s OpenAPI allows', () => {
  test.each([[], ['--no-stream']])('no reply is a mistake of the program %j', async (...flags) => {
    const port = await serve(PRISM, (free) => ['mock', OPENAPI, '--dynamic', '-p', String(free)]);
    const workspace = await stage.workspace();
    const names = Array.from({ length: 40 }, (_, index) => `${index}.txt`);
    for (const name of names) await workspace.drop(name);
    const limits = ['--retries', '1', '--retry-delay', '0.05', ...flags];
    const program = await stage.run(onceOver(workspace, { url: `http://127.0.0.1:${port}` }, ...limits), {
      environment: { SLUICE_API_KEY: 'sk-of-a-test-0123' },
    });
    expect(program.stderr).not.toContain('a mistake of the program');
    expect(program.code).not.toBe(1);
    const { succeeded, failed, pending, held } = program.summary as Readonly<Record<string, number>>;
    expect((succeeded ?? 0) + (failed ?? 0) + (pending ?? 0) + (held ?? 0)).toBe(names.length);
  });
});

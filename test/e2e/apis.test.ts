import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import pLimit from 'p-limit';
import type { FaultPlan } from '../../src/simulator/fault-plan.ts';
import { profileOf } from '../../src/simulator/profiles.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import type { LoggedRequest } from '../../src/simulator/state.ts';
import { pdfFile } from '../inbox/convert/pdf-file.ts';
import { CERTIFICATE, proxyTo } from '../support/by-name.ts';
import { Program } from '../support/program.ts';
import { Workspace } from '../support/workspace.ts';
import { prompt, put, valueOf } from './recipe-files.ts';
import { onceOver, requestsOf } from './stage.ts';

jest.setTimeout(300_000);

/** What a person is right to expect of an API; how it is played stands in the simulator's own table. */
interface Expected {
  readonly api: string;
  /** What `--api` says. @default its name */
  readonly address?: string;
  readonly keyVariable: string;
  /** @default the first that the simulator has of it */
  readonly model?: string;
  /** What it says of a wrong key, as a person hears it; null: it looks at none. */
  readonly key: string | null;
  /** What it says of a model that it has not; null: it answers with whatever it has loaded. */
  readonly noModel: string | null;
  /** Whether a 429 tells how long to wait. */
  readonly waits: boolean;
  /** What a PDF is sent as. */
  readonly pdf: 'file' | 'text';
  /** Where the cost comes from: the API, the list of prices (not of every model), or nowhere, as a server of one's own costs none. */
  readonly cost: 'told' | 'list' | 'local' | 'unknown';
  /** Reason of a document that is longer than the context, where sluice knows the API, and where it does not. */
  readonly long: RegExp;
  readonly longUnknown?: RegExp;
  /** Calls that are paid for where sluice does not know the API. @default one for each answer */
  readonly paidUnknown?: number;
}

const KNOWN_BEFORE = /^The prompt has about [\d,]+ tokens, and \S+ takes [\d,]+ beside the answer\./;
const REFUSED = /^The document is too long for the model/;
const CUT = /^The API read 4,096 of about [\d,]+ tokens: raise the context of the model/;

const EXPECTED: readonly Expected[] = [
  {
    api: 'openrouter',
    keyVariable: 'OPENROUTER_API_KEY',
    model: 'anthropic/claude-haiku-4.5',
    key: 'User not found.',
    noModel: 'No endpoints found for nope.',
    waits: true,
    pdf: 'file',
    cost: 'told',
    long: KNOWN_BEFORE,
  },
  {
    api: 'openai',
    keyVariable: 'OPENAI_API_KEY',
    key: 'Incorrect API key provided',
    noModel: 'The model `nope` does not exist',
    waits: true,
    pdf: 'file',
    cost: 'list',
    long: REFUSED,
  },
  {
    api: 'gemini',
    keyVariable: 'GEMINI_API_KEY',
    model: 'gemma-3-27b-it',
    key: 'API key not valid',
    noModel: 'models/nope is not found',
    waits: true,
    pdf: 'text',
    cost: 'unknown',
    long: REFUSED,
  },
  {
    api: 'mistral',
    keyVariable: 'MISTRAL_API_KEY',
    key: 'Unauthorized',
    noModel: 'Invalid model: nope',
    waits: false,
    pdf: 'text',
    cost: 'list',
    long: KNOWN_BEFORE,
  },
  {
    api: 'groq',
    keyVariable: 'GROQ_API_KEY',
    key: 'Invalid API Key',
    noModel: 'The model `nope` does not exist',
    waits: true,
    pdf: 'text',
    cost: 'list',
    long: KNOWN_BEFORE,
  },
  {
    api: 'deepseek',
    keyVariable: 'DEEPSEEK_API_KEY',
    key: 'Authentication Fails',
    noModel: 'Model Not Exist',
    waits: false,
    pdf: 'text',
    cost: 'list',
    long: REFUSED,
  },
  {
    api: 'xai',
    keyVariable: 'XAI_API_KEY',
    key: 'Incorrect API key provided',
    noModel: 'The model nope does not exist',
    waits: false,
    pdf: 'text',
    cost: 'told',
    long: REFUSED,
  },
  {
    api: 'anthropic',
    keyVariable: 'ANTHROPIC_API_KEY',
    // It ignores a format, and is asked again in words.
    paidUnknown: 7,
    key: 'invalid x-api-key',
    noModel: 'model: nope',
    waits: true,
    pdf: 'text',
    cost: 'list',
    long: REFUSED,
  },
  {
    api: 'cerebras',
    keyVariable: 'CEREBRAS_API_KEY',
    key: 'Wrong API Key',
    noModel: 'Model nope does not exist',
    waits: true,
    pdf: 'text',
    cost: 'list',
    long: REFUSED,
  },
  {
    api: 'together',
    keyVariable: 'TOGETHER_API_KEY',
    key: 'Invalid API key provided',
    noModel: 'Unable to access model nope',
    waits: true,
    pdf: 'text',
    cost: 'list',
    long: KNOWN_BEFORE,
  },
  {
    api: 'fireworks',
    keyVariable: 'FIREWORKS_API_KEY',
    key: 'The API key you provided is invalid',
    noModel: 'Model not found, inaccessible',
    waits: false,
    pdf: 'text',
    cost: 'unknown',
    long: KNOWN_BEFORE,
  },
  {
    api: 'lmstudio',
    keyVariable: 'SLUICE_API_KEY',
    key: null,
    noModel: 'Model "nope" not found',
    waits: false,
    pdf: 'text',
    cost: 'local',
    long: KNOWN_BEFORE,
    longUnknown: /^The prompt fills the context of the model \([\d,]+ tokens\)/,
    // It says nothing to a prompt that is too long: only then is it asked what it loaded the model for.
    paidUnknown: 7,
  },
  {
    api: 'llamacpp',
    keyVariable: 'SLUICE_API_KEY',
    key: 'Invalid API Key',
    noModel: null,
    waits: false,
    pdf: 'text',
    cost: 'local',
    long: KNOWN_BEFORE,
    longUnknown: REFUSED,
  },
  {
    api: 'vllm',
    keyVariable: 'SLUICE_API_KEY',
    key: 'Unauthorized',
    noModel: 'The model `nope` does not exist.',
    waits: false,
    pdf: 'text',
    cost: 'local',
    long: KNOWN_BEFORE,
  },
  {
    api: 'ollama',
    keyVariable: 'SLUICE_API_KEY',
    key: null,
    noModel: 'model "nope" not found',
    waits: false,
    pdf: 'text',
    cost: 'local',
    long: KNOWN_BEFORE,
    longUnknown: CUT,
    paidUnknown: 7,
  },
  {
    api: 'azure',
    address: 'https://my.openai.azure.com/openai/v1',
    keyVariable: 'AZURE_OPENAI_API_KEY',
    key: 'Access denied due to invalid subscription key',
    noModel: 'The API deployment for this resource does not exist',
    waits: true,
    pdf: 'file',
    cost: 'unknown',
    long: REFUSED,
  },
  {
    api: 'bedrock',
    address: 'https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1',
    keyVariable: 'AWS_BEARER_TOKEN_BEDROCK',
    key: 'Invalid API Key format',
    noModel: 'The provided model identifier is invalid',
    waits: false,
    pdf: 'text',
    cost: 'list',
    long: REFUSED,
  },
];

const PLAIN = ['plain 1.txt', 'plain 2.txt', 'plain 3.txt'];
const SIX = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`${index}.txt`, `This is document ${index}.`]));
const KEY = 'sk-of-a-test-0123';
const NO_MODEL = { id: '', context_length: 0 };
const WAIT_SECONDS = 1;
/** Twice: the first call may be refused for a field that the API does not take. */
const LIMITED: FaultPlan = {
  faults: [{ kind: 'status', status: 429, retryAfter: WAIT_SECONDS, attempts: [1, 2], document: '\\[limited\\]' }],
};
const RECIPE = prompt('output:\n  schema:\n    title: string', 'Give the title.\n{{document}}');

/** One of each kind of document; the long one does not fit a model of this context. */
function documentsFor(context: number): Readonly<Record<string, string | Buffer>> {
  return {
    ...Object.fromEntries(PLAIN.map((name) => [name, `The board met. This is ${name}.`])),
    'limited.txt': 'The board met. This one is [limited] at first.',
    'json/_recipe.prompt': RECIPE,
    'json/data.txt': 'Minutes of June\n\nThe board met.',
    'report.pdf': pdfFile(['A page of a report.']),
    'long.txt': 'The board met in the morning. '.repeat(context / 5),
  };
}

interface Run {
  readonly code: number | null;
  readonly program: Program;
  readonly workspace: Workspace;
  readonly simulator: Simulator;
  readonly requests: readonly LoggedRequest[];
}

interface RunSettings {
  /** What plays the API. */
  readonly as: string;
  /** What `--api` says, the variable that holds its key, and the key; without, the API is one that is not known. */
  readonly named?: Named;
  readonly documents: Readonly<Record<string, string | Buffer>>;
  readonly plan?: FaultPlan;
  readonly key?: string;
  readonly model: string;
}

interface Named {
  readonly address: string;
  readonly keyVariable: string;
}

async function run({ as, named, documents, plan = {}, key = KEY, model }: RunSettings): Promise<Run> {
  const workspace = await newWorkspace();
  const simulator = await startSimulator({ as, plan });
  await put(workspace, 'recipes/default.md', 'Say what this is about.');
  for (const [name, content] of Object.entries(documents)) await workspace.drop(name, content);
  const proxy = await proxyTo(simulator.port);
  const way = named === undefined ? [] : ['--api', named.address, '--proxy', proxy.url];
  const flags = ['--model', model, '--retry-delay', '0.1', ...way];
  const environment = { [named?.keyVariable ?? 'SLUICE_API_KEY']: key, NODE_EXTRA_CA_CERTS: certificateFile };
  const program = new Program(onceOver(workspace, simulator, ...flags), { environment });
  const code = await program.exited;
  const requests = await requestsOf(simulator);
  await Promise.all([proxy.close(), simulator.close()]);
  return { code, program, workspace, simulator, requests };
}

/** All runs, a few at a time, begun before the first test looks. */
const atOnce = pLimit(4);
const begun: (() => Promise<unknown>)[] = [];

function begin(settings: RunSettings): () => Run {
  let ended: Run | undefined;
  begun.push(async () => {
    ended = await atOnce(() => run(settings));
  });
  return () => {
    if (ended === undefined) throw new Error('the run is not over');
    return ended;
  };
}

async function newWorkspace(): Promise<Workspace> {
  const workspace = await Workspace.make();
  workspaces.push(workspace);
  return workspace;
}

/** Calls for which a model did its work, whether or not the reply arrived. */
function paid({ simulator }: Run): number {
  return simulator.billing().reduce((sum, { billed }) => sum + billed, 0);
}

function heard({ program }: Run): string {
  return program.log.map(({ msg }) => msg).join('\n');
}

const workspaces: Workspace[] = [];
let certificateFile = '';

beforeAll(async () => {
  const workspace = await newWorkspace();
  certificateFile = join(workspace.root, 'certificate.pem');
  await writeFile(certificateFile, CERTIFICATE);
  await Promise.all(begun.map((start) => start()));
});

afterAll(() => Promise.all(workspaces.map((workspace) => workspace.remove())));

describe.each(EXPECTED)('$api', (expected) => {
  const { api, address = api, keyVariable, key, noModel, waits, pdf, cost, long, longUnknown = long } = expected;
  const { models } = profileOf(api);
  const { id: model, context_length: context } =
    models.find(({ id }) => id === expected.model) ?? models[0] ?? NO_MODEL;
  const documents = documentsFor(context);
  const named = { address, keyVariable };
  describe.each([
    ['by its name', { named }, long, 6],
    ['as an API that is not known', {}, longUnknown, expected.paidUnknown ?? 6],
  ] as const)('%s', (_, way, tooLong, calls) => {
    const runOf = begin({ as: api, ...way, model, documents, plan: LIMITED });
    const isNamed = 'named' in way;

    test('answers plain documents, one that is limited at first, JSON and a PDF, and pays for each once', async () => {
      const { workspace, program } = runOf();
      for (const name of [...PLAIN, 'limited.txt']) expect(await workspace.result(name)).toContain('The board met.');
      expect(await valueOf(workspace, 'json/data.txt.json')).toEqual({ title: expect.any(String) });
      const answer = await workspace.result('report.pdf');
      expect(answer).toContain('A page of a report.');
      expect(answer.includes('Seen: report.pdf')).toBe(pdf === 'file' && isNamed);
      expect(program.summary).toMatchObject({ documents: 7, succeeded: 6, failed: 1 });
      expect(paid(runOf())).toBe(calls);
    });

    test('knows what that cost, as far as API or list tell it', () => {
      const { program, simulator } = runOf();
      const source = isNamed || cost === 'told' ? cost : 'unknown';
      const { costFrom = {}, costUsd } = program.summary as { readonly costFrom?: object; readonly costUsd?: number };
      expect(Object.entries(costFrom)).toEqual([[expect.stringMatching(new RegExp(`^${source}\\b`)), calls]]);
      const billedUsd = simulator.billing().reduce((sum, document) => sum + document.costUsd, 0);
      const told = expect.closeTo(billedUsd, 8);
      expect(costUsd).toEqual({ told, list: expect.any(Number), local: 0, unknown: 0 }[source]);
    });

    test('waits as long as it is told', () => {
      const { requests } = runOf();
      const refused = requests.findLast(({ outcome }) => outcome === 'status');
      const again = requests.find(({ document, outcome }) => document === refused?.document && outcome === 'answer');
      expect((again?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(waits ? WAIT_SECONDS * 1000 : 50);
    });

    test('says of a document that is too long what is wrong, and what to do', async () => {
      const report = await runOf().workspace.report('long.txt');
      expect(report['reason']).toMatch(tooLong);
    });
  });

  const withBadKey = begin({ as: api, named, model, documents: SIX, key: 'bad-key' });
  test('stops at a wrong key, in its words, and no document fails', () => {
    const { code, program } = withBadKey();
    expect(heard(withBadKey())).toContain(key ?? '');
    const outcome = key === null ? { succeeded: 6, failed: 0 } : { stopped: 'account', failed: 0, pending: 6 };
    expect({ code, ...program.summary }).toMatchObject({ code: key === null ? 0 : 5, ...outcome });
  });

  const withBadModel = begin({ as: api, named, documents: SIX, model: 'nope' });
  test('stops at a wrong model, in its words, and no document fails', () => {
    const { code, program } = withBadModel();
    expect(heard(withBadModel())).toContain(noModel ?? '');
    const outcome = noModel === null ? { succeeded: 6, failed: 0 } : { stopped: 'model', failed: 0, pending: 6 };
    expect({ code, ...program.summary }).toMatchObject({ code: noModel === null ? 0 : 2, ...outcome });
    expect(paid(withBadModel())).toBe(noModel === null ? 6 : 0);
  });
});

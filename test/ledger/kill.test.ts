import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { type FileLedger, openLedger } from '../../src/ledger/open.ts';
import { versionOf } from './lives.ts';
import { makeFolder } from './support.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WRITER = fileURLToPath(new URL('./acknowledging-writer.ts', import.meta.url));
const LIVES = 3;
/** Of lines, per life: enough for some moves of the log into the database. */
const LINES = 1200;

interface Said {
  readonly begun: Set<number>;
  readonly ended: Set<number>;
  readonly done: Set<number>;
  readonly warnings: string[];
}

function noteLines(text: string, said: Said): void {
  for (const line of text.split('\n')) {
    const [word = '', number] = line.split(' ');
    if (word === 'warning') said.warnings.push(line);
    if (word === 'begun' || word === 'ended' || word === 'done') said[word].add(Number(number));
  }
}

/** Runs the writer until it has said enough, kills it, and notes what it said. */
async function liveAndDie(folder: string, first: number, said: Said): Promise<void> {
  const script = ['--import', './tools/typescript.mjs', WRITER, folder, String(first)];
  const child: ChildProcess = spawn(process.execPath, script, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (text.length > LINES * 10) child.kill('SIGKILL');
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
  noteLines(text.slice(0, text.lastIndexOf('\n')), said);
}

async function forgotten(ledger: FileLedger, said: Said): Promise<number[]> {
  const isKnown = (number: number) => ledger.recall(`document-${number}`) !== undefined;
  const answers = await Promise.all([...said.ended].map((number) => ledger.answer(`f-${number}`)));
  const answered = new Set(answers.map((answer) => answer?.text));
  const isDone = (number: number) => ledger.recall(`document-${number}`)?.state === 'done';
  return [
    ...[...said.begun].filter((number) => !isKnown(number)),
    ...[...said.ended].filter((number) => !answered.has(`Answer ${number}.`)),
    ...[...said.done].filter((number) => !isDone(number)),
  ];
}

function sha256Of(number: number): string {
  return versionOf('', String(number).padStart(8, '0')).sha256 ?? '';
}

describe('openLedger after its process was killed', () => {
  test('everything that was reported as written is there, and what was in flight is in doubt', async () => {
    const folder = makeFolder();
    const said: Said = { begun: new Set(), ended: new Set(), done: new Set(), warnings: [] };
    for (let life = 0; life < LIVES; life += 1) await liveAndDie(folder, life * 1_000_000, said);
    expect(said.warnings).toEqual([]);
    expect(said.done.size).toBeGreaterThan(LIVES * 100);

    const ledger = await openLedger(folder, { diedBefore: true });
    expect(ledger.warnings).toEqual([]);
    expect(await forgotten(ledger, said)).toEqual([]);
    const ids = ledger.interrupted.map(({ id }) => Number(id.replace('document-', '')));
    expect(ids.filter((number) => said.ended.has(number))).toEqual([]);
    const unended = [...said.begun].filter((number) => number >= (LIVES - 1) * 1_000_000 && !said.ended.has(number));
    const isAccountedFor = async (number: number) =>
      (await ledger.answer(`f-${number}`)) !== undefined ||
      (await ledger.version(`document-${number}`, sha256Of(number)))?.attempts[0]?.code === 'process-died';
    const accounts = await Promise.all(unended.map(isAccountedFor));
    expect(unended.filter((_, index) => accounts[index] !== true)).toEqual([]);
    await ledger.close();
  }, 60_000);
});

import { describe, expect, jest, test } from '@jest/globals';
import type { FaultPlan } from '../../src/simulator/fault-plan.ts';
import { sayNotTested } from '../support/say-not-tested.ts';
import { until } from '../support/until.ts';
import { daemonOver, onceOver, setTheStage } from './stage.ts';
import { canOpenTerminal, openTerminal } from './terminal.ts';

jest.setTimeout(60_000);

const stage = setTheStage();

const hasTerminal = canOpenTerminal();
if (!hasTerminal) sayNotTested('what a terminal shows', 'there is no util-linux `script` to open one with');
const onTerminal = hasTerminal ? describe : describe.skip;

const ESCAPE = '\u001B';
/** What moves the cursor or clears lines: without it nothing is drawn over. */
const DRAWN_OVER = new RegExp(`${ESCAPE}\\[\\d*[ABCDGJK]`);
const COLORED = new RegExp(`${ESCAPE}\\[[\\d;]+m`);

/** A daemon on a terminal, over an inbox with these documents. */
async function watching(plan: FaultPlan, documents: readonly string[], ...flags: readonly string[]) {
  const workspace = await stage.workspace();
  const simulator = await stage.simulator(plan);
  for (const name of documents) await workspace.drop(name, `The document ${name}. It says something.`);
  const terminal = openTerminal(stage, daemonOver(workspace, simulator, '--log-level', 'info', ...flags));
  return { workspace, simulator, terminal };
}

onTerminal('the live block of a daemon on a terminal', () => {
  test('counts what is done, failed, skipped, running, waiting and queued, with tokens and cost', async () => {
    const faults = [
      { kind: 'length', document: 'bad' },
      { kind: 'status', status: 500, document: 'shaky' },
      { kind: 'hang', document: 'slow' },
    ] as const;
    const { simulator, workspace, terminal } = await watching(
      { faults },
      ['bad.txt', 'good 1.txt', 'good 2.txt', 'shaky.txt'],
      '--concurrency',
      '2',
      '--retry-delay',
      '59',
    );
    await terminal.shows(/done 2 {2}failed 1 {2}skipped 0 {2}running 0 {2}waiting 1 {2}queued 0/);
    await terminal.shows(/waiting before the next attempt/);

    for (const name of ['slow 1', 'slow 2', 'slow 3'])
      await workspace.drop(`${name}.txt`, `The document ${name}. Yes.`);
    await terminal.shows(/done 2 {2}failed 1 {2}skipped 0 {2}running 2 {2}waiting 1 {2}queued 1/);
    await terminal.shows(/retries 0 {2}tokens \d+ in, \d+ out {2}cost \$0\.00\d+/);
    const cost = simulator.billing().reduce((sum, { costUsd }) => sum + costUsd, 0);
    expect(terminal.text()).toContain(`cost $${cost.toFixed(4)}`);
  });

  test('counts what an earlier run did as skipped', async () => {
    const { workspace, simulator, terminal } = await watching({}, ['a.txt', 'b.txt']);
    await terminal.shows(/done 2/);
    terminal.signal('SIGTERM');
    await terminal.exited;
    const again = openTerminal(stage, daemonOver(workspace, simulator));
    await again.shows(/done 0 {2}failed 0 {2}skipped 2/);
    expect(await again.shows(/waiting for .*/)).toContain('waiting for documents');
  });

  test('says how fast it is, and how long it will still take', async () => {
    const documents = Array.from({ length: 60 }, (_, index) => `${index}.txt`);
    const { terminal } = await watching({ latency: 0.3 }, documents, '--concurrency', '2');
    expect(await terminal.shows(/.* documents a minute.*/)).toMatch(/^[\d.]+ documents a minute, about \d+ \w+ left/);
  });

  test('says that it cools down, for how long, and why', async () => {
    const faults = [{ kind: 'status', status: 429, retryAfter: 40 }] as const;
    const { terminal } = await watching({ faults }, ['a.txt', 'b.txt']);
    await terminal.shows(/cooling down, (40|39) s \(rate limit\): Too many calls/);
    expect(await terminal.shows(/cooling down, (38|37|36) s.*/)).toContain('asks to wait 40 s');
  });

  test('says that it is paused, and why, and goes on when that is over', async () => {
    const { simulator, terminal } = await watching({ account: 'refused' }, ['a.txt']);
    await terminal.shows(/paused: The API refused the key/);
    simulator.setPlan({});
    await terminal.shows(/done 1/);
    expect(await terminal.shows(/waiting for .*/)).toContain('waiting for documents');
  });

  test('says that it stops, and what it waits for', async () => {
    const { simulator, terminal } = await watching({ faults: [{ kind: 'hang' }] }, ['a.txt'], '--grace', '50');
    await terminal.shows(/running 1/);
    terminal.signal('SIGINT');
    await terminal.shows(/stopping \(SIGINT\): no new call, those in flight finish, at most 50 s/);
    terminal.signal('SIGINT');
    expect(await terminal.exited).toBe(130);
    expect(simulator.billing()).toHaveLength(1);
  });

  test('is drawn over in place, below the lines that stay', async () => {
    const faults = [{ kind: 'length', document: 'bad' }] as const;
    const { terminal } = await watching({ faults, latency: 0.2 }, ['bad.txt', 'good.txt']);
    await terminal.shows(/done 1 {2}failed 1/);
    expect(terminal.raw()).toMatch(DRAWN_OVER);
    expect(terminal.text().match(/bad\.txt: failed: The answer was cut at the limit of 64,000 tokens/g)).toHaveLength(
      1,
    );
  });

  test('cannot be forged by the name of a document', async () => {
    const faults = [{ kind: 'length' }] as const;
    const { terminal } = await watching({ faults }, [`evil${ESCAPE}[2J${ESCAPE}]0;title\u0007\nname.txt`]);
    await terminal.shows(/failed 1/);
    expect(terminal.raw()).not.toContain(`${ESCAPE}[2J`);
    expect(terminal.raw()).not.toContain(`${ESCAPE}]0;`);
    expect(terminal.text()).toContain('evil\\u{1b}[2J\\u{1b}]0;title\\u{7}\\nname.txt: failed');
  });
});

onTerminal('colours', () => {
  const plan: FaultPlan = { faults: [{ kind: 'length', document: 'bad' }] };

  test('mark what went wrong', async () => {
    const { terminal } = await watching(plan, ['bad.txt']);
    await terminal.shows(/failed 1/);
    expect(terminal.raw()).toMatch(COLORED);
  });

  test.each([
    ['NO_COLOR', { NO_COLOR: '1' }],
    ['TERM=dumb', { TERM: 'dumb' }],
  ])('are left out with %s', async (_, environment) => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator(plan);
    await workspace.drop('bad.txt', 'The document bad. It says something.');
    const terminal = openTerminal(stage, daemonOver(workspace, simulator), environment);
    await terminal.shows(/bad\.txt: failed: The answer was cut/);
    expect(terminal.raw()).not.toMatch(COLORED);
  });
});

onTerminal('a terminal that is no place for a live block', () => {
  test.each([
    ['CI', { CI: 'true' }],
    ['TERM=dumb', { TERM: 'dumb' }],
  ])('gets the lines that stay, and nothing is drawn over, with %s', async (_, environment) => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ latency: 0.3, faults: [{ kind: 'length', document: 'bad' }] });
    await workspace.drop('bad.txt', 'The document bad. It says something.');
    await workspace.drop('good.txt');
    const args = onceOver(workspace, simulator).filter((argument) => argument !== '--json');
    const terminal = openTerminal(stage, args, environment);
    expect(await terminal.exited).toBe(3);
    expect(terminal.raw()).not.toMatch(DRAWN_OVER);
    expect(terminal.text()).not.toMatch(/running \d/);
    expect(terminal.text()).toContain('bad.txt: failed: The answer was cut at the limit of 64,000 tokens');
    expect(terminal.text()).toMatch(/2 documents in .*: 1 answered, 1 failed\./);
  });
});

onTerminal('--once on a terminal', () => {
  test('ends with a summary for people that says what to do next', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ latency: 0.3, faults: [{ kind: 'length', document: 'bad' }] });
    await workspace.drop('bad.txt', 'The document bad. It says something.');
    await workspace.drop('good.txt');
    const args = onceOver(workspace, simulator).filter((argument) => argument !== '--json');
    const terminal = openTerminal(stage, args);
    expect(await terminal.exited).toBe(3);
    const summary = terminal.text().slice(terminal.text().indexOf('2 documents in'));
    expect(summary).toContain('1 answered, 1 failed');
    expect(summary).toContain(workspace.outbox());
    expect(summary).toContain(workspace.failed());
    expect(summary).toMatch(/delete its report/);
    expect(summary).toMatch(/Cost: \$0\.00\d+ \(2 calls/);
    expect(terminal.text()).not.toContain('{"level"');
  });

  test.each([
    ['a trial', ['--test'], /This is a trial: 5 documents, of all folders and types\. Text is cut to 500 characters/],
    ['the simulator', ['--api', 'simulator'], /answers come from a simulator: no model is asked, and nothing is paid/],
  ])('says plainly that it is %s', async (_, flags, words) => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    await workspace.drop('a.txt');
    const terminal = openTerminal(stage, onceOver(workspace, simulator, ...flags));
    expect(await terminal.exited).toBe(0);
    expect(terminal.text()).toMatch(words);
  });
});

onTerminal('a terminal that is closed', () => {
  test('does not end the daemon that runs on it', async () => {
    const { workspace, terminal } = await watching({}, ['a.txt']);
    await terminal.shows(/done 1/);
    terminal.hangUp();
    await terminal.exited;
    await workspace.drop('b.txt');
    await until('the daemon answers', () => workspace.hasResult('b.txt'));
    expect(await workspace.result('b.txt')).toContain('b.txt');
  });
});

import { readdirSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import type { FaultPlan } from '../../src/simulator/fault-plan.ts';
import { sayNotTested } from '../support/say-not-tested.ts';
import { until } from '../support/until.ts';
import { daemonOver, onceOver, setTheStage } from './stage.ts';
import { canOpenTerminal, openShell, openTerminal } from './terminal.ts';

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

onTerminal('a daemon on a terminal', () => {
  test('tells each answer and failure, and counts what is in flight, waits, and costs', async () => {
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
    await terminal.shows(/^0 of 2 calls {2}1 waiting {2}2 answered {2}1 failed/m);
    await terminal.shows(/waiting before the next attempt/);
    const cost = simulator.billing().reduce((sum, { costUsd }) => sum + costUsd, 0);
    await terminal.shows(new RegExp(`^\\$${cost.toFixed(4)} {2}\\d+ tokens in, \\d+ out`, 'm'));
    expect(terminal.text()).toMatch(/answered good 1\.txt\.md, .* s, \$0\.00\d\d/);
    await until('the block is drawn over', async () => DRAWN_OVER.test(terminal.raw()));
    expect(terminal.raw()).toMatch(COLORED);
    const failure = /bad\.txt: failed: The answer was cut at the limit of 64,000 tokens/g;
    expect(terminal.text().match(failure)).toHaveLength(1);

    for (const name of ['slow 1', 'slow 2', 'slow 3'])
      await workspace.drop(`${name}.txt`, `The document ${name}. Yes.`);
    await terminal.shows(/^2 of 2 calls {2}1 in line {2}1 waiting {2}2 answered {2}1 failed/m);
  });

  test('counts what an earlier run did as done before', async () => {
    const { workspace, simulator, terminal } = await watching({}, ['a.txt', 'b.txt']);
    await terminal.shows(/2 answered/);
    terminal.signal('SIGTERM');
    await terminal.exited;
    const again = openTerminal(stage, daemonOver(workspace, simulator));
    await again.shows(/2 done before/);
    expect(await again.shows(/waiting for .*/)).toContain('waiting for documents');
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
    await terminal.shows(/1 answered/);
    expect(await terminal.shows(/waiting for .*/)).toContain('waiting for documents');
  });

  test('cannot be forged by the name of a document', async () => {
    const faults = [{ kind: 'length' }] as const;
    const { terminal } = await watching({ faults }, [`evil${ESCAPE}[2J${ESCAPE}]0;title\u0007\nname.txt`]);
    await terminal.shows(/1 failed/);
    expect(terminal.raw()).not.toContain(`${ESCAPE}[2J`);
    expect(terminal.raw()).not.toContain(`${ESCAPE}]0;`);
    expect(terminal.text()).toContain('evil\\u{1b}[2J\\u{1b}]0;title\\u{7}\\nname.txt: failed');
  });

  test('hears keys: s shows the state, p pauses and resumes, q stops, and Ctrl-C is what it was', async () => {
    const faults = [{ kind: 'hang', document: 'slow' }] as const;
    const { workspace, simulator, terminal } = await watching({ faults }, ['slow.txt'], '--grace', '50');
    await terminal.shows(/p pauses {2}s shows the state {2}q stops/);
    await terminal.shows(/1 of 5 calls/);
    terminal.type('s');
    await terminal.shows(/In flight: 1 of 5 calls: slow\.txt/);
    terminal.type('p');
    await terminal.shows(/paused: no new call, until you press p/);
    await workspace.drop('b.txt', 'The document b. Yes.');
    await terminal.shows(/1 in line/);
    expect(workspace.hasResult('b.txt')).toBe(false);
    terminal.type('p');
    await terminal.shows(/answered b\.txt\.md/);
    terminal.type('q');
    await terminal.shows(/stopping, as you asked: no new call, those in flight finish, at most 50 s/);
    terminal.type('\u0003');
    expect(await terminal.exited).toBe(130);
    expect(simulator.billing()).toHaveLength(2);
  });
});

onTerminal('a run in a shell', () => {
  test('gives the terminal back at Ctrl-Z and at its end, goes on in the background, and hears keys again after fg', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ latency: 0.2 });
    for (let number = 0; number < 200; number += 1)
      await workspace.drop(`${number}.txt`, `The document ${number}. Yes.`);
    const args = onceOver(workspace, simulator, '--log-level', 'info', '--concurrency', '2');
    const shell = openShell(
      stage,
      args.filter((argument) => argument !== '--json'),
    );
    const modes = async (when: string): Promise<string> => {
      shell.type(`echo "modes ${when}=$(stty -g)"\r`);
      return (await shell.shows(new RegExp(`^modes ${when}=([^$]+?)\r?$`, 'm'))).trim().split('=')[1] ?? '';
    };
    const before = await modes('before');
    shell.type('eval "$PROGRAM"\r');
    await shell.shows(/p pauses/);
    shell.type('\u001A');
    await shell.shows(/Stopped/);
    expect(await modes('stopped')).toBe(before);

    const answered = readdirSync(workspace.outbox()).length;
    shell.type('bg\r');
    await until('it answers in the background', () => readdirSync(workspace.outbox()).length > answered + 5);
    shell.type('fg\r');
    await until('keys are heard', () => {
      shell.type('s');
      return /In flight: \d of 2 calls/.test(shell.text());
    });
    shell.type('q');
    await shell.shows(/Stopped, as you asked/);
    expect(await modes('after')).toBe(before);
    shell.type('exit\r');
    await shell.exited;
  });
});

onTerminal('colours', () => {
  const plan: FaultPlan = { faults: [{ kind: 'length', document: 'bad' }] };

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
    expect(terminal.text()).not.toMatch(/of 5 calls/);
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
    expect(summary).toMatch(/to try again: .*retry --root/);
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
    await terminal.shows(/1 answered/);
    terminal.hangUp();
    await terminal.exited;
    await workspace.drop('b.txt');
    await until('the daemon answers', () => workspace.hasResult('b.txt'));
    expect(await workspace.result('b.txt')).toContain('b.txt');
  });
});

import { describe, expect, jest, test } from '@jest/globals';
import type { Program } from '../support/program.ts';
import { type Gateway, type GatewayMood, startGateway } from './gateway.ts';
import { askedOnce, scenes } from './scene.ts';

jest.setTimeout(60_000);

const setScene = scenes();

/** Prices, as an API that is out of reach tells none. */
const PRICES = ['--price-prompt', '3', '--price-completion', '15'];
const TEXTS = Array.from({ length: 12 }, (_, index) => `the text of document ${index}`);

/** A scene whose simulator stands behind a gateway, with documents in the inbox. */
async function behindGateway(texts: readonly string[] = TEXTS) {
  const scene = await setScene();
  const gateway = await startGateway(scene.simulator);
  scene.afterwards(() => gateway.close());
  for (const [index, text] of texts.entries()) await scene.workspace.drop(`d${index}`, text);
  return { scene, gateway };
}

/** Runs `--once` while the gateway is in this mood, until it said so in the log. */
async function onceThrough(
  { scene, gateway }: { readonly scene: Awaited<ReturnType<typeof setScene>>; readonly gateway: Gateway },
  moods: readonly [calls: GatewayMood, free?: GatewayMood],
  ...args: readonly string[]
): Promise<Program & { readonly code: number | null }> {
  gateway.set(...moods);
  const program = scene.startOnce([...args, '--api', gateway.url]);
  await program.logged('gate-probing');
  gateway.set('passes on');
  return Object.assign(program, { code: await program.exited });
}

describe('while a gateway cannot reach the API', () => {
  test.each<readonly [string, readonly [GatewayMood, GatewayMood?]]>([
    ['502 for all', [502]],
    ['503 for all', [503]],
    ['502 for calls alone', [502, 'passes on']],
    ['a login page for all', [200]],
    ['403 for all', [403]],
    ['511 for all', [511]],
  ])('no document fails, and nothing is booked: %s', async (_, moods) => {
    const stage = await behindGateway();
    const { code, summary } = await onceThrough(stage, moods, '--max-cost', '5', ...PRICES);
    expect(code).toBe(0);
    expect(summary).toMatchObject({ succeeded: 12, failed: 0, inDoubt: 0, costUnknownAttempts: 0, overBudget: 0 });
    expect(stage.scene.calls()).toEqual(askedOnce(...TEXTS));
  });

  test.each<readonly [string, readonly [GatewayMood, GatewayMood?]]>([
    ['504 for all', [504]],
    ['504 for calls alone', [504, 'passes on']],
    ['dropped connections', ['drops']],
  ])('no document fails, and what may have been billed is said: %s', async (_, moods) => {
    const { code, summary } = await onceThrough(await behindGateway(), moods);
    expect(code).toBe(0);
    expect(summary).toMatchObject({ succeeded: 12, failed: 0, inDoubt: expect.any(Number) });
  });

  test('a single document waits, is not held for a person, and needs no more budget than one call', async () => {
    const stage = await behindGateway(['alone']);
    const { code, summary } = await onceThrough(stage, [502], '--in-doubt', 'hold', '--max-cost', '1', ...PRICES);
    expect(code).toBe(0);
    expect(summary).toMatchObject({ succeeded: 1, held: 0, inDoubt: 0 });
  });

  test.each<readonly [string, GatewayMood, GatewayMood]>([
    ['its page', 502, 504],
    ['no answer in time', 504, 504],
    ['a login page', 200, 302],
    ['a login page under 401', 502, 401],
  ])('two documents wait, and none fails: %s', async (_, calls, free) => {
    const { code, summary } = await onceThrough(await behindGateway(['one', 'two']), [calls, free]);
    expect(code).toBe(0);
    expect(summary).toMatchObject({ succeeded: 2, failed: 0 });
  });

  test.each<readonly [string, GatewayMood]>([
    ['a page', 502],
    ['no reply', 'drops'],
  ])('a run that ends leaves all documents pending, in bounded time: %s', async (_, mood) => {
    const { scene, gateway } = await behindGateway(Array.from({ length: 60 }, (__, index) => `document ${index}`));
    gateway.set(mood);
    const { code, summary } = await scene.once(['--api', gateway.url, '--retries', '3']);
    expect(code).toBe(7);
    expect(summary).toMatchObject({ pending: 60, failed: 0, stopped: null, stopCause: null });
    expect(JSON.stringify(summary['pendingReasons'])).toMatch(/out of reach.*last/);
  });

  test('the next run asks as if there had been none', async () => {
    const { scene, gateway } = await behindGateway();
    gateway.set(502);
    for (let run = 0; run < 4; run += 1)
      expect((await scene.once(['--api', gateway.url, '--retries', '1'])).code).toBe(7);
    gateway.set('passes on');
    const { code, summary } = await scene.once(['--api', gateway.url]);
    expect(code).toBe(0);
    expect(summary).toMatchObject({ succeeded: 12, attempts: 12, inDoubt: 0 });
  });

  test('a daemon goes on by itself, also after an outage longer than all retries', async () => {
    const { scene, gateway } = await behindGateway(['a', 'b']);
    gateway.set(502);
    const program = await scene.watch(['--api', gateway.url, '--retries', '1']);
    await program.logged('document-pending', ({ document }) => document === 'd0');
    gateway.set('passes on');
    for (const document of ['d0', 'd1'])
      await program.logged('document-succeeded', (line) => line['document'] === document);
    expect(scene.calls()).toEqual(askedOnce('a', 'b'));
  });
});

test('a document whose calls alone end at the gateway, three times, fails: it may be the cause', async () => {
  const { scene, gateway } = await behindGateway(['poison']);
  gateway.set(502, 'passes on');
  const { code, summary } = await scene.once(['--api', gateway.url]);
  expect(code).toBe(3);
  expect(summary).toMatchObject({ failed: 1, inDoubt: 3 });
});

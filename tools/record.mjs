// The moving picture of the README, docs/demo.svg: a shell on a pseudo-terminal in which the commands below are typed and
// really run, against the simulator with the delays of a model. By itself: node tools/record.mjs (Linux, as it takes the
// `script` of util-linux)
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Screen, svgOf } from './terminal-svg.mjs';

const SIZE = { columns: 80, rows: 24 };
const COMMANDS = ['sluice ask "List three facts." invoice.pdf', 'sluice run -p "Summarize in two sentences." --max-cost 5'];
const FAULTS = '{ latency: [0.5, 2.2], faults: [{ kind: status, status: 503, share: 0.08 }] }';
const INBOXES = ['quickstart', 'summarize-folder', 'classify-tickets', 'tables-from-pdfs'];
const PROMPT = '$ ';
const KEY_MS = 35;
const LAST_SECONDS = 5;

process.argv.push('--build');
await import('./setup.mjs');

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
const bin = join(folder, 'bin');
/** Its path is on the screen: a short one. */
const desk = join(tmpdir(), 'papers');
const ended = [];

/** A program that ends with the recording. */
function start(command, args, options) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options });
  ended.push(() => child.kill());
  return child;
}

async function record() {
  mkdirSync(bin);
  mkdirSync(desk);
  symlinkSync(join(root, 'dist/main.js'), join(bin, 'sluice'));
  for (const name of INBOXES)
    cpSync(join(root, 'examples', name, 'inbox'), join(desk, 'watch/inbox'), { recursive: true });
  cpSync(join(root, 'examples/tables-from-pdfs/inbox/print-shop.pdf'), join(desk, 'invoice.pdf'));
  writeFileSync(join(folder, 'faults.yaml'), FAULTS);

  const simulator = start(process.execPath, [join(bin, 'sluice'), 'simulate', '--port', '0', '--faults', join(folder, 'faults.yaml')]);
  const [address] = await once(simulator.stdout.setEncoding('utf8'), 'data');

  const shell = `stty cols ${SIZE.columns} rows ${SIZE.rows}; exec bash --norc --noprofile --noediting -i`;
  const terminal = start('script', ['--quiet', '--flush', '--command', shell, '/dev/null'], {
    cwd: desk,
    // It says so when it is ended.
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: `${bin}:${process.env.PATH}`, HOME: desk, TERM: 'xterm-256color', LANG: 'C.UTF-8', PS1: PROMPT, SLUICE_API: address.trim() },
  });

  const screen = new Screen(SIZE);
  const frames = [];
  let written = '';
  const begun = performance.now();
  terminal.stdout.setEncoding('utf8').on('data', (text) => {
    written += text;
    screen.write(text);
    frames.push({ seconds: (performance.now() - begun) / 1000, frame: screen.frame() });
  });
  const isAtPrompt = () => written.endsWith(PROMPT);
  const untilPrompt = async () => {
    while (!isAtPrompt()) await wait(20);
  };

  await untilPrompt();
  for (const command of COMMANDS) {
    await wait(700);
    for (const key of command) {
      terminal.stdin.write(key);
      await wait(KEY_MS);
    }
    await wait(300);
    terminal.stdin.write('\n');
    written = '';
    await untilPrompt();
    await wait(1500);
  }
  return frames;
}

/** Without those that nobody could see: shorter than a thirtieth of a second, or the same as before. */
function seen(frames) {
  const kept = [];
  for (const [index, { seconds, frame }] of frames.entries()) {
    const isShort = index + 1 < frames.length && frames[index + 1].seconds - seconds < 1 / 30;
    if (!isShort && JSON.stringify(kept.at(-1)?.frame) !== JSON.stringify(frame)) kept.push({ seconds, frame });
  }
  return kept;
}

if (existsSync(desk)) throw new Error(`${desk} is there: it would be written to`);
try {
  const frames = seen(await record());
  const title = 'A recorded run of sluice: a question about one file, then a folder of documents, against the simulator';
  const svg = svgOf(frames, { ...SIZE, end: frames.at(-1).seconds + LAST_SECONDS, title });
  writeFileSync(join(root, 'docs/demo.svg'), svg);
  process.stdout.write(`docs/demo.svg: ${frames.length} frames, ${Math.round(svg.length / 1000)} kB\n`);
} finally {
  for (const end of ended) end();
  for (const made of [folder, desk]) rmSync(made, { recursive: true });
}

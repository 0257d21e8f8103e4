import { fileURLToPath } from 'node:url';
import { inTurn } from '../support/in-turn.mjs';
import { launch } from '../support/processes.mjs';
import { describe, median } from '../support/statistics.mjs';
import { temporaryFolder } from '../support/temporary-folder.mjs';

const SCRIPT = fileURLToPath(new URL('../ledger.mjs', import.meta.url));
const SECONDS = 20;
const PER_SECOND = 500;

async function measureOnce(bench, ...flags) {
  const folder = temporaryFolder(bench.resources);
  const documents = bench.scaled(SECONDS * PER_SECOND);
  const args = [SCRIPT, folder.path, '--documents', documents, '--rate', PER_SECOND, ...flags];
  const { code, stdout, complaint } = await launch(bench, args).ended;
  folder.remove();
  if (code !== 0) throw new Error(`the ledger's loop ended with ${code}: ${complaint}`);
  return JSON.parse(stdout);
}

export const ledger = {
  name: 'ledger',
  what: `the ledger at ${PER_SECOND} documents a second with answers of 2 kB, for ${SECONDS} s: share of one core, above the same loop without it; median wait of an answer`,
  target: '15 %; 20 ms',
  async measure(bench) {
    const pairs = await inTurn(bench.runs, async () => ({
      without: await measureOnce(bench, '--without'),
      with: await measureOnce(bench),
    }));
    const shares = pairs.map((pair) => 100 * (pair.with.cpuShare - pair.without.cpuShare));
    const all = (name, side = 'with') => describe(pairs.map((pair) => pair[side][name]), 1);
    return {
      measured: `${median(shares).toFixed(1)} %; ${median(pairs.map((pair) => pair.with.waitMs)).toFixed(1)} ms`,
      raw: [
        `share ${describe(shares, 1)} %`,
        `wait ${all('waitMs')} ms, 99th percentile ${all('waitMs99')} ms, longest ${all('waitMsMost')} ms`,
        `${all('perSecond')} documents a second`,
        `event-loop delay, 99th percentile ${all('delayMs99')} ms (without ${all('delayMs99', 'without')} ms), longest ${all('delayMsMost')} ms (without ${all('delayMsMost', 'without')} ms)`,
      ].join('; '),
    };
  },
};

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** `NAME VERSION` of a package installed in this folder. */
function nameAndVersion(name, folder = REPOSITORY) {
  const { version } = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'));
  return `${name} ${version}`;
}

/** Null where this Python, or aiohttp for it, is not installed. */
function pythonVersions(python) {
  const script =
    'import aiohttp, platform as p; print("Python", p.python_version() + ", aiohttp", aiohttp.__version__)';
  const { status, stdout } = spawnSync(python, ['-c', script], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

export const FLOOR = {
  name: 'bare node:http loop',
  versions: 'the floor',
  script: new URL('../peers/floor.mjs', import.meta.url),
};

export const BY_HAND = {
  name: 'p-queue + axios',
  versions: [nameAndVersion('p-queue'), nameAndVersion('axios')].join(', '),
  script: new URL('../peers/p-queue-axios.mjs', import.meta.url),
};

const OPENAI = {
  name: 'openai + p-limit',
  versions: [nameAndVersion('openai'), nameAndVersion('p-limit')].join(', '),
  script: new URL('../peers/openai-p-limit.mjs', import.meta.url),
};

function aiohttp(python) {
  const name = 'aiohttp + semaphore';
  const versions = pythonVersions(python);
  if (versions === null) return { name, missing: 'Python with aiohttp is not installed' };
  return { name, versions, program: python, script: new URL('../peers/aiohttp_semaphore.py', import.meta.url) };
}

function promptfoo(folder) {
  const name = 'promptfoo';
  const isThere = folder !== undefined && existsSync(join(folder, 'node_modules', name));
  if (!isThere) return { name, missing: '`--promptfoo DIR` names no folder that has it' };
  return {
    name,
    versions: nameAndVersion(name, folder),
    script: new URL('../peers/promptfoo.mjs', import.meta.url),
    more: [folder],
    filesNothing: true,
    isSlow: true,
  };
}

/**
 * All peers: their `script`, the `program` that runs it where that is not Node, what `more` it is told. One that
 * `isSlow` is run only once. One that is not installed has `missing` instead, the reason why it is not measured.
 */
export function allPeers({ python, promptfooFolder }) {
  return [FLOOR, BY_HAND, OPENAI, aiohttp(python), promptfoo(promptfooFolder)];
}

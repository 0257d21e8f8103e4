#!/usr/bin/env node
// The program itself is sluice.js beside this file, which `npm run build` makes. In a package it is always there.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

if (existsSync(new URL('sluice.js', import.meta.url))) {
  await import('./sluice.js');
} else {
  const folder = fileURLToPath(new URL('..', import.meta.url));
  process.stderr.write(`sluice: Not built yet. Build it: cd '${folder}' && npm ci && npm run build\n`);
  process.exitCode = 2;
}

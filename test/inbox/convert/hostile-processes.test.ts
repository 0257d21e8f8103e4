import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Converter } from '../../../src/domain/ports.ts';
import { createConverter } from '../../../src/inbox/convert/converter.ts';
import { bundledConverter } from './bundled-converter.ts';
import { converted } from './converted-in.ts';
import { HOSTILE } from './hostile-files.ts';
import { docx, docxParagraph } from './office-files.ts';

const SECONDS = 25;
const PATIENCE_MS = 120_000;

describe('hostile documents are refused, or right, within limits', () => {
  let folder = '';
  let converter: Converter;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostile-'));
    converter = createConverter({ worker: await bundledConverter(folder), seconds: SECONDS, processes: 1 });
  }, PATIENCE_MS);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(HOSTILE)(
    '%s',
    async (_what, name, file, text) => {
      const all = [{ [name]: file() }, { 'good.docx': docx(docxParagraph('good')) }];
      const [hostile, next] = await Promise.all(all.map((files) => converted(files, 'text', converter)));
      expect(hostile?.kind).toBe(text === null ? 'refused' : 'converted');
      expect(JSON.stringify(hostile)).toContain(text ?? 'reason');
      expect(next).toMatchObject({ kind: 'converted', parts: [{ text: 'good' }] });
    },
    PATIENCE_MS,
  );
});

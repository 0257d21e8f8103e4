import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Part } from '../../../src/domain/request.ts';
import { converted } from './converted-in.ts';
import { sampleFiles } from './sample-files.ts';

/** Told apart by their hashes: a difference in megabytes is no message. */
function digest(part: Part): object {
  const { content, ...rest } =
    part.kind === 'text' ? { ...part, content: part.text, text: '' } : { ...part, content: part.bytes, bytes: 0 };
  return { ...rest, sha256: createHash('sha256').update(content).digest('hex') };
}

describe('the corpus', () => {
  const samples = sampleFiles();

  test('has at least sixty documents, no two of one name', () => {
    expect(samples.length).toBeGreaterThanOrEqual(60);
    expect(new Set(samples.map(({ name }) => name)).size).toBe(samples.length);
  });

  test.each(samples.map((sample) => [sample.name, sample] as const))(
    '%s comes out as it went in',
    async (name, sample) => {
      const outcome = await converted({ [name]: sample.bytes });
      const parts = outcome.kind === 'converted' ? outcome.parts : [];
      expect(parts.map(digest)).toEqual(sample.parts.map(digest));
    },
  );
});

import { parseJson } from '../lib/json.ts';
import type { BodyReader } from './body-reader.ts';

/** Reads a body as one JSON value; undefined where it is none, or cut. */
export function createJsonReader(): BodyReader<unknown> {
  const chunks: Buffer[] = [];
  return {
    push(chunk) {
      chunks.push(chunk);
      return false;
    },
    end() {
      const [first] = chunks;
      const body = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
      return parseJson(body.toString('utf8'));
    },
  };
}

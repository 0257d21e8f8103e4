import { OMITTED } from './omitted.ts';

/** As long as 20 bytes are in base64, wherever it begins, with the lines that follow; or 20 bytes of hex, apart. */
const RUN = /[\w+/-]{28,}(?:\r?\n[\w+/-]+)*={0,2}|(?:[\da-f]{2}[ :]){19,}[\da-f]{2}/gi;

const LEAST_BYTES = 20;

/** Takes out every run of base64 or hex that hides text. Identifiers, names and digests hide none: they stay. */
export function withoutEncodedText(text: string): string {
  return text.replace(RUN, (run) => (readingsOf(run.replace(/[\s:]/g, '')).some(holdsText) ? OMITTED : run));
}

/** What stands before the encoded text may be part of the run, so that any letter may be its first. */
function readingsOf(run: string): readonly string[] {
  return [
    ...[0, 1, 2, 3].map((start) => Buffer.from(run.slice(start), 'base64').toString()),
    ...[0, 1].flatMap((start) => run.slice(start).match(/(?:[\da-f]{2}){20,}/gi) ?? []).map(fromHex),
  ];
}

function fromHex(digits: string): string {
  return Buffer.from(digits, 'hex').toString();
}

/** Bytes that were never text are no UTF-8, or control characters, long before the twentieth. */
function holdsText(reading: string): boolean {
  return reading.split(/(?!\s)[\p{Cc}\uFFFD]/u).some((stretch) => Buffer.byteLength(stretch) >= LEAST_BYTES);
}

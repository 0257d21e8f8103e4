import { OMITTED } from './omitted.ts';

/** As long as 20 bytes are in base64, wherever it begins, with the lines that follow; or 20 bytes of hex, apart. */
const RUN = /[\w+/-]{28,}(?:\r?\n[\w+/-]+)*={0,2}|(?:[\da-f]{2}[ :]){19,}[\da-f]{2}/gi;

const LEAST_BYTES = 20;

/** Takes out every run of base64 or hex that hides text. Identifiers, names and digests hide none: they stay. */
export function withoutEncodedText(text: string): string {
  return text.replace(RUN, (run) => (readingsOf(run.replace(/[\s:]/g, '')).some(holdsText) ? OMITTED : run));
}

/** What stands before the encoded text may be part of the run, so that any letter may be its first. */
function readingsOf(run: string): readonly Buffer[] {
  const hex = run.match(/[\da-f]{40,}/gi) ?? [];
  return [
    ...[0, 1, 2, 3].map((start) => Buffer.from(run.slice(start), 'base64')),
    ...hex.flatMap((digits) => [digits, digits.slice(1)]).map((digits) => Buffer.from(digits, 'hex')),
  ];
}

/** Bytes that were never text are no UTF-8, or control characters, long before the twentieth. */
function holdsText(reading: Buffer): boolean {
  if (!mayHoldText(reading)) return false;
  const stretches = reading.toString().split(/(?!\s)[\p{Cc}\uFFFD]/u);
  return stretches.some((stretch) => Buffer.byteLength(stretch) >= LEAST_BYTES);
}

/** Tells most of what holds none by its bytes alone: an identifier comes with every reply. */
function mayHoldText(reading: Buffer): boolean {
  let stretch = 0;
  for (const byte of reading) {
    stretch = OF_TEXT[byte] === 1 ? stretch + 1 : 0;
    if (stretch === LEAST_BYTES) return true;
  }
  return false;
}

/** 1 for each byte that may stand in UTF-8 text: no control character but white space, and none that UTF-8 never has. */
const OF_TEXT = Uint8Array.from({ length: 256 }, (_, byte) => {
  const isControl = (byte < 0x20 && (byte < 0x09 || byte > 0x0d)) || byte === 0x7f;
  return isControl || byte === 0xc0 || byte === 0xc1 || byte > 0xf4 ? 0 : 1;
});

/** A number from 0 up to but not including 1: always the same for the same seed, document (hex), attempt and purpose. */
export function draw(seed: number, document: string, attempt: number, purpose: number): number {
  let state = mix(seed ^ Number.parseInt(document.slice(0, 8), 16));
  state = mix(state ^ attempt);
  return mix(state ^ (purpose + 0x9e37_79b9)) / 2 ** 32;
}

/** The finalizer of MurmurHash3: every bit of the input changes half the bits of the output. */
function mix(value: number): number {
  let state = value;
  state = Math.imul(state ^ (state >>> 16), 0x85eb_ca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2_ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

/** Runs `step(0)`, `step(1)` ... each after the one before, and gathers what they give. */
export async function inTurn(times, step) {
  const results = [];
  for (let index = 0; index < times; index += 1) {
    // oxlint-disable-next-line no-await-in-loop -- measurements must not overlap
    results.push(await step(index));
  }
  return results;
}

/** The middle value; of an even number the mean of the middle two. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

/** `1.13 (1.12 to 1.20)`: the median with the lowest and the highest, as far as they differ. */
export function describe(values, digits = 2) {
  const [middle, low, high] = [median(values), Math.min(...values), Math.max(...values)].map((value) =>
    value.toFixed(digits),
  );
  return low === high ? middle : `${middle} (${low} to ${high})`;
}

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A whole number as people read it: `12,345`. */
export function numeral(value: number): string {
  return grouped.format(value);
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** How much y grows for each x, by least squares. */
export function slope(points) {
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const covariance = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  const variance = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  return covariance / variance;
}

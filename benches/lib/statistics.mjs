// Numbers about numbers.

/** The value that this part (0 to 1) of the values is at most: the nearest rank. */
export function percentile(values, part) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1))];
}

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Counts and percentiles; `null` among the values is one that did not happen. */
export function summary(values) {
  const present = values.filter((value) => value !== null);
  return {
    samples: present.length,
    lost: values.length - present.length,
    p50: percentile(present, 0.5),
    p95: percentile(present, 0.95),
    p99: percentile(present, 0.99),
  };
}

/**
 * Freezes among the times (ms) at which pictures were shown, as WebRTC's statistics define them: a
 * gap longer than three times the mean gap, and longer than the mean by 150 ms.
 */
export function freezes(times) {
  const gaps = times.slice(1).map((time, index) => time - times[index]);
  if (gaps.length === 0) return { count: 0, seconds: 0, longest: 0 };
  const usual = mean(gaps);
  const frozen = gaps.filter((gap) => gap > Math.max(3 * usual, usual + 150));
  return {
    count: frozen.length,
    seconds: frozen.reduce((sum, gap) => sum + gap, 0) / 1000,
    longest: Math.max(...gaps) / 1000,
  };
}

/** Pictures in each whole second: [second from the first, pictures]. */
export function perSecond(times) {
  if (times.length === 0) return [];
  const seconds = Math.floor((times.at(-1) - times[0]) / 1000);
  const counts = Array.from({ length: seconds }, () => 0);
  for (const time of times) {
    const second = Math.floor((time - times[0]) / 1000);
    if (second < seconds) counts[second] += 1;
  }
  return counts;
}

/** One line of the bench. `limit` is the figure that was asked for; absent where none is. */
export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  readonly limit?: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  if (low === undefined || high === undefined) throw new Error('the median of nothing');
  return (low + high) / 2;
}

/** The value that so many of a hundred are at or below. */
export function percentile(values: readonly number[], hundredths: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil((sorted.length * hundredths) / 100) - 1)];
  if (found === undefined) throw new Error('a percentile of nothing');
  return found;
}

/** Three significant digits tell more than was measured. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** A figure of the record, without a limit. */
export function fact(name: string, value: number, unit: string): BenchResult {
  return { name, value: rounded(value), unit, better: 'lower' };
}

/** Whether a result is within what was asked for. */
export function isWithinLimit({ value, better, limit }: BenchResult): boolean {
  return limit === undefined || (better === 'lower' ? value <= limit : value >= limit);
}

/** The results as a table for people. */
export function formatTable(results: readonly BenchResult[]): string {
  const rows = results.map((result) => [result.name, String(result.value), result.unit, wordsOfLimit(result)]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) => row.map((cell, column) => (column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join('  ').trimEnd()).join('\n');
}

function wordsOfLimit(result: BenchResult): string {
  if (result.limit === undefined) return '';
  return `${result.better === 'lower' ? 'at most' : 'at least'} ${result.limit}: ${isWithinLimit(result) ? 'yes' : 'NO'}`;
}

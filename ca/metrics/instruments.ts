/** What counts while the server runs. A few lines of our own: the usual library brings tracing and quantile trees along. */
import type { Labels, MetricFamily, Sample } from './exposition.ts';

/** Series of one family; past that new label values are counted as one series "other", so that no sender fills the memory. */
const MAX_SERIES = 2_000;

/** The series of a family, by their labels. */
class Series<State> {
  readonly #all = new Map<string, { readonly labels: Labels; readonly state: State }>();

  constructor(private readonly create: () => State) {}

  of(labels: Labels): State {
    const key = JSON.stringify(Object.values(labels));
    const known = this.#all.get(key);
    if (known !== undefined) return known.state;
    if (this.#all.size < MAX_SERIES) return this.add(key, labels);
    const others: Labels = Object.fromEntries(Object.keys(labels).map((name) => [name, 'other']));
    const keyOfOthers = JSON.stringify(Object.values(others));
    return this.#all.get(keyOfOthers)?.state ?? this.add(keyOfOthers, others);
  }

  private add(key: string, labels: Labels): State {
    const state = this.create();
    this.#all.set(key, { labels, state });
    return state;
  }

  map(samplesOf: (labels: Labels, state: State) => readonly Sample[]): readonly Sample[] {
    return [...this.#all.values()].flatMap(({ labels, state }) => samplesOf(labels, state));
  }
}

/** Only ever grows, from 0 at the start of the process. Labels always in the same order. */
export class Counter {
  readonly #series = new Series(() => ({ value: 0 }));

  /** `known`: series that are there from the start, so that the first count is seen as a growth. */
  constructor(
    private readonly name: `${string}_total`,
    private readonly help: string,
    known: readonly Labels[] = [],
  ) {
    for (const labels of known) this.#series.of(labels);
  }

  add(labels: Labels, by = 1): void {
    this.#series.of(labels).value += by;
  }

  family(): MetricFamily {
    return { name: this.name, help: this.help, type: 'counter', samples: this.#series.map((labels, { value }) => [{ labels, value }]) };
  }
}

/** How many observations were at most so large, for each bound. */
export class Histogram {
  readonly #series;

  /** `bounds` ascending; the last, +Inf, is added. */
  constructor(
    private readonly name: string,
    private readonly help: string,
    private readonly bounds: readonly number[],
  ) {
    this.#series = new Series(() => ({ counts: bounds.map(() => 0), count: 0, sum: 0 }));
  }

  observe(labels: Labels, value: number): void {
    const state = this.#series.of(labels);
    state.count += 1;
    state.sum += value;
    for (const [index, bound] of this.bounds.entries()) if (value <= bound) state.counts[index] = (state.counts[index] ?? 0) + 1;
  }

  family(): MetricFamily {
    const samples = this.#series.map((labels, { counts, count, sum }): readonly Sample[] => [
      ...this.bounds.map((bound, index): Sample => ({ suffix: '_bucket', labels: { ...labels, le: String(bound) }, value: counts[index] ?? 0 })),
      { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: count },
      { suffix: '_sum', labels, value: sum },
      { suffix: '_count', labels, value: count },
    ]);
    return { name: this.name, help: this.help, type: 'histogram', samples };
  }
}

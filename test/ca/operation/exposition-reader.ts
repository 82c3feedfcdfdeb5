/** Reads Prometheus's text format as strictly as its documentation has it; throws where a line or a family breaks a rule. */

export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ReadFamily {
  readonly type: string;
  readonly samples: readonly ReadSample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(?:,(?!\}))?)*)\})? (\S+)$/;
const VALUE = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|[+-]Inf|NaN)$/;

function refuse(line: string, why: string): never {
  throw new Error(`${why}: ${line}`);
}

function readSample(line: string): ReadSample {
  const [, name = '', labelText = '', valueText = ''] = SAMPLE.exec(line) ?? refuse(line, 'no sample');
  if (!VALUE.test(valueText)) refuse(line, 'no value');
  const labels = [...labelText.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/g)].map(([, label = '', text = '']): [string, string] => [label, text]);
  if (new Set(labels.map(([label]) => label)).size !== labels.length) refuse(line, 'a label twice');
  if (labels.some(([label]) => label.startsWith('__'))) refuse(line, 'a reserved label');
  return { name, labels: Object.fromEntries(labels), value: Number(valueText.replace('Inf', 'Infinity')) };
}

function checkHistogram(name: string, samples: readonly ReadSample[]): void {
  const seriesOf = ({ labels }: ReadSample): string => JSON.stringify(Object.entries(labels).filter(([label]) => label !== 'le'));
  for (const series of new Set(samples.map(seriesOf))) {
    const own = samples.filter((sample) => seriesOf(sample) === series);
    const buckets = own.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => Number((labels['le'] ?? '').replace('Inf', 'Infinity')));
    const counts = buckets.map(({ value }) => value);
    if (bounds.some((bound, index) => Number.isNaN(bound) || bound <= (bounds[index - 1] ?? -Infinity))) refuse(name, 'bounds do not ascend');
    if (counts.some((count, index) => count < (counts[index - 1] ?? 0))) refuse(name, 'counts of buckets fall');
    const count = own.find((sample) => sample.name === `${name}_count`)?.value;
    if (bounds.at(-1) !== Infinity || counts.at(-1) !== count) refuse(name, 'the last bucket is not the count');
    if (!own.some((sample) => sample.name === `${name}_sum`)) refuse(name, 'no sum');
  }
}

function checkFamily(name: string, { type, samples }: ReadFamily): void {
  if (samples.length === 0) refuse(name, 'a family without samples');
  if (type === 'counter' && samples.some(({ value }) => !(value >= 0))) refuse(name, 'a counter below zero');
  if (type === 'counter' && !name.endsWith('_total')) refuse(name, 'a counter that does not end in _total');
  const keys = samples.map((sample) => JSON.stringify([sample.name, Object.entries(sample.labels).toSorted()]));
  if (new Set(keys).size !== keys.length) refuse(name, 'a series twice');
  if (type === 'histogram') checkHistogram(name, samples);
}

/** Families by name. HELP and TYPE stand once, before the samples of their family, and those stand together. */
export function readExposition(text: string): ReadonlyMap<string, ReadFamily> {
  if (!text.endsWith('\n')) refuse(text.slice(-40), 'no end of line at the end');
  const families = new Map<string, { type: string; samples: ReadSample[] }>();
  let current = '';
  let helped = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (!NAME.test(name) || families.has(name)) refuse(line, 'a family twice');
      helped = name;
    } else if (keyword === 'TYPE') {
      if (helped !== name || !/^(counter|gauge|histogram)$/.test(rest)) refuse(line, 'TYPE without HELP');
      families.set(name, { type: rest, samples: [] });
      current = name;
    } else {
      const family = families.get(current) ?? refuse(line, 'a sample before its TYPE');
      const sample = readSample(line);
      const suffix = sample.name.slice(current.length);
      if (!sample.name.startsWith(current) || !(family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']).includes(suffix)) refuse(line, 'a sample of another family');
      family.samples.push(sample);
    }
  }
  for (const [name, family] of families) checkFamily(name, family);
  return families;
}

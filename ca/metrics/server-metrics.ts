/** Everything that `/metrics` tells. No name, code, serial number or address is a label: who reads metrics need not know them. */
import { AUDIT_EVENTS } from '../../core/requests/audit-event.ts';
import type { WorkCounts } from '../background-work.ts';
import { Counter, Histogram } from './instruments.ts';
import type { MetricFamily } from './exposition.ts';

export type ListenerName = 'https' | 'status' | 'metrics';

/** From an answer out of memory to one that waits for an HSM. */
const DURATION_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

export class ServerMetrics {
  readonly requests = new Counter('latchkey_http_requests_total', 'HTTP requests answered, by route and status code.');
  readonly durations = new Histogram('latchkey_http_request_duration_seconds', 'Time from a request’s headers to the end of its answer.', DURATION_BOUNDS);
  readonly limited = new Counter('latchkey_http_requests_limited_total', 'HTTP requests refused because their sender asked too often.', [{ listener: 'https' }, { listener: 'status' }]);
  readonly refusedConnections = new Counter('latchkey_connections_refused_total', 'Connections that were refused or ended, by reason: too many of one address or in all, too slow, no TLS, no HTTP.', (['https', 'status'] as const).flatMap((listener) => ['address', 'all', 'timeout', 'tls', 'malformed'].map((reason) => ({ listener, reason }))));
  readonly ocspAnswers = new Counter('latchkey_ocsp_answers_total', 'OCSP answers, by their response status (RFC 6960, section 4.2.1).', [{ status: 'successful' }, { status: 'tryLater' }]);
  readonly auditEvents = new Counter('latchkey_audit_events_total', 'Lines that this process wrote into the audit log, by event.', AUDIT_EVENTS.map((event) => ({ event })));
  readonly #gauges: (() => Promise<readonly MetricFamily[]>)[] = [];

  /** Adds families that are read when they are asked for. */
  addGauges(read: () => Promise<readonly MetricFamily[]>): void {
    this.#gauges.push(read);
  }

  async families(): Promise<readonly MetricFamily[]> {
    const read = await Promise.all(this.#gauges.map((gauge) => gauge()));
    const counted = [this.requests, this.durations, this.limited, this.refusedConnections, this.ocspAnswers, this.auditEvents];
    return [...counted.map((instrument) => instrument.family()), ...read.flat()];
  }
}

/** Until the certificate ends that the HTTPS server shows. */
export function serverCertificateFamily(expiresAt: Date, now: Date): MetricFamily {
  const value = (expiresAt.getTime() - now.getTime()) / 1000;
  return { name: 'latchkey_server_certificate_remaining_seconds', help: 'Seconds until the server’s own certificate ends.', type: 'gauge', samples: [{ value }] };
}

/** What this process did in the background. */
export function backgroundFamily(counts: ReadonlyMap<string, WorkCounts>): MetricFamily {
  const samples = [...counts].flatMap(([work, { done, failed }]) => [
    { labels: { work, outcome: 'done' }, value: done },
    { labels: { work, outcome: 'failed' }, value: failed },
  ]);
  return { name: 'latchkey_background_work_total', help: 'Background work of this process, by outcome.', type: 'counter', samples };
}

/** What Prometheus shows of every process, under the names its client libraries agree on, and Node's event loop. */
import { readdir } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MetricFamily } from './exposition.ts';

function gauge(name: string, help: string, value: number): MetricFamily {
  return { name, help, type: 'gauge', samples: [{ value }] };
}

/** null: this system does not say. */
async function openDescriptors(): Promise<number | null> {
  return readdir('/proc/self/fd').then(
    (names) => names.length,
    () => null,
  );
}

export interface ProcessMetrics {
  families(): Promise<readonly MetricFamily[]>;
  /** Ends the measuring of the event loop. */
  close(): void;
}

export function processMetrics(): ProcessMetrics {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const startedAt = Date.now() / 1000 - process.uptime();
  return {
    families: async () => {
      const { user, system } = process.cpuUsage();
      const { rss, heapUsed } = process.memoryUsage();
      const descriptors = await openDescriptors();
      const longest = Number.isFinite(delay.max) ? delay.max / 1e9 : 0;
      delay.reset();
      return [
        { name: 'process_cpu_seconds_total', help: 'Time of the processor used, in seconds.', type: 'counter', samples: [{ value: (user + system) / 1e6 }] },
        gauge('process_resident_memory_bytes', 'Memory of the process.', rss),
        gauge('process_start_time_seconds', 'When the process started, in seconds since 1970.', startedAt),
        ...(descriptors === null ? [] : [gauge('process_open_fds', 'Open file descriptors.', descriptors)]),
        gauge('nodejs_heap_size_used_bytes', 'Memory of JavaScript objects.', heapUsed),
        gauge('nodejs_eventloop_lag_max_seconds', 'Longest wait of the event loop since the last look.', longest),
        { name: 'nodejs_version_info', help: 'Version of Node.', type: 'gauge', samples: [{ labels: { version: process.version }, value: 1 }] },
      ];
    },
    close: () => delay.disable(),
  };
}

/** Calls to a Latchkey CA (core/authority-api.ts): request out, parsed body or failure back, with the retries that are safe. */
import type { z } from 'zod';
import { authorityFailure, problemBody, toWire } from '../core/authority-api.ts';
import type { Failure } from '../core/failures.ts';
import { type Result, failed, success, unreachable } from '../core/result.ts';
import { type Exchange, ExchangeError, type ExchangeRequest, type ExchangeResponse } from './https-exchange.ts';

/** A call whose repetition changes nothing may be tried again when its connection breaks. */
export interface LatchkeyCall extends ExchangeRequest {
  readonly isRepeatable: boolean;
}

/** A parsed body, and when the CA wants to be asked again. */
export interface Answer<T> {
  readonly body: T;
  readonly retryAfterSeconds: number | undefined;
}

export interface LatchkeyCalls {
  /** Fails with what the CA says in problem+json, or authority-unreachable, -untrusted, -protocol. */
  call<T>(wanted: LatchkeyCall, parser: z.ZodType<T>): Promise<Result<Answer<T>>>;
}

/** Waits before the second and the third try: a CA that restarts is back by then, and nobody notices the wait. */
const RETRY_DELAYS_MILLISECONDS = [150, 600];

export function createLatchkeyCalls(address: string, exchange: Exchange): LatchkeyCalls {
  return {
    call: async (wanted, parser) => {
      const response = await exchangeWithRetries(address, exchange, wanted);
      return response.ok ? readAnswer(address, response.value, parser) : response;
    },
  };
}

async function exchangeWithRetries(address: string, exchange: Exchange, wanted: LatchkeyCall): Promise<Result<ExchangeResponse>> {
  const { isRepeatable, body, ...rest } = wanted;
  const request = body === undefined ? rest : { ...rest, body: toWire(body) };
  for (let attempt = 0; ; attempt++) {
    try {
      return success(await exchange(request));
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      const delay = isRepeatable && error.problem === 'connection' ? RETRY_DELAYS_MILLISECONDS[attempt] : undefined;
      if (delay === undefined) return failed(connectionFailure(address, error));
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }
}

/** A failed exchange as the failure it is. */
export function connectionFailure(address: string, error: ExchangeError): Failure {
  switch (error.problem) {
    case 'connection':
    case 'silence':
      return { kind: 'authority-unreachable', address, detail: error.message };
    case 'certificate':
      return { kind: 'authority-untrusted', address, detail: error.message };
    case 'not-https':
    case 'too-large':
      return { kind: 'authority-protocol', address, detail: error.message };
    default:
      return unreachable(error.problem);
  }
}

function readAnswer<T>(address: string, response: ExchangeResponse, parser: z.ZodType<T>): Result<Answer<T>> {
  const isSuccess = response.status >= 200 && response.status < 300;
  if (!isSuccess) return failed(readProblem(address, response));
  const parsed = parser.safeParse(parseJson(response.text));
  if (!parsed.success) return failed({ kind: 'authority-protocol', address, detail: `unexpected answer with status ${response.status}` });
  return success({ body: parsed.data, retryAfterSeconds: response.retryAfterSeconds });
}

/** problem+json (RFC 9457) as the failure it carries. A proxy's 502, 503 or 504 before the CA is a CA that is not there. */
function readProblem(address: string, response: ExchangeResponse): Failure {
  const problem = problemBody.safeParse(parseJson(response.text));
  const failure = problem.success ? authorityFailure.safeParse(problem.data.failure) : undefined;
  if (failure?.success) return failure.data;
  const detail = `status ${response.status}`;
  const isGateway = response.status >= 502 && response.status <= 504;
  return isGateway ? { kind: 'authority-unreachable', address, detail } : { kind: 'authority-protocol', address, detail };
}

/** undefined for what is not JSON, which no parser here accepts. */
function parseJson(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createComputer, type Computer } from './latchkey-process.ts';

describe('arguments', () => {
  let computer: Computer;
  beforeAll(async () => {
    computer = await createComputer();
  });
  afterAll(() => computer.close());

  it.each([
    [['status', '--serial', 'abc']],
    [['status', '--serial', '1', '--reader', 'x']],
    [['enroll', '--key-type', 'RSA1024']],
    [['enroll', '--pin', '123456']],
    [['enroll', '--pin-file', 'a', '--pin-fd', '3']],
    [['enroll', '--pin-policy', 'sometimes']],
    [['enroll', '--replace', '--keep-old-key']],
    [['key']],
    [['key', 'pin', 'change', '--new-pin', '246813']],
    [['key', 'puk', 'change', '--generate', '--new-puk-fd', '3']],
    [['key', 'retries', 'set', '--pin', '3']],
    [['key', 'retries', 'set', '--pin', '0', '--puk', '3']],
    [['key', 'retries', 'set', '--pin', '3', '--puk', '256']],
    [['key', 'certificate', 'show', '--slot', 'f9']],
    [['key', 'certificate', 'export', '--format', 'p12']],
    [['key', 'certificate', 'delete']],
    [['key', 'reset', '--confirm-serial', 'yes']],
    [['key', 'management-key', 'rotate', '--management-key', 'aa']],
    [['queue', 'deny', '0'.repeat(32)]],
    [['queue', 'approve', 'not-an-id']],
    [['ca', 'serve', '--dir', 'x', '--listen', '8443']],
    [['ca', 'serve', '--dir', 'x', '--listen', '127.0.0.1:0', '--trusted-proxy', '10.0.0.0/8,proxy.example.org']],
    [['ca', 'serve', '--dir', 'x', '--listen', '127.0.0.1:0', '--connections-per-address', '0']],
    [['ca', 'serve', '--dir', 'x', '--listen', '127.0.0.1:0', '--metrics-listen', '9464']],
    [['ca', 'init', '--dir', 'x', '--name', 'y', '--days', '0']],
    [['ca', 'init', '--dir', 'x', '--name', 'y', '--import-cert', 'z']],
    [['unknown']],
    [['queue']],
  ])('%j is a usage error: one JSON object, exit code 2', async (args) => {
    const { code, json } = await computer.latchkey([...args, '--json']);
    expect(code).toBe(2);
    expect(json()).toMatchObject({ ok: false, failure: { kind: 'usage' }, happened: expect.any(String), toDo: expect.any(String) });
  });

  it('says what is wrong on standard error, and nothing on standard output', async () => {
    const { code, stdout, stderr } = await computer.latchkey(['enrol']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain("Unknown command 'enrol'");
  });

  it('--help is no mistake', async () => {
    const { code, stdout } = await computer.latchkey(['ca', 'init', '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('--passphrase-file');
  });
});

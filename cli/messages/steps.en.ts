import type { EnrollmentStepId } from '../../core/enrollment/state.ts';

/** The steps of an enrollment: while they run, and once they are done. */
export const STEP_WORDS: Readonly<Record<EnrollmentStepId, { readonly working: string; readonly done: string }>> = {
  pin: { working: 'Checking the PIN', done: 'The PIN is your own' },
  puk: { working: 'Setting the PUK', done: 'The PUK is your own' },
  'management-key': { working: 'Protecting the management key', done: 'The management key is random and protected by the PIN' },
  'key-pair': { working: 'Making the key pair on the key', done: 'The key pair is on the key' },
  attestation: { working: 'Asking the key for its proof of being genuine', done: 'The key has proven to be genuine' },
  csr: { working: 'Writing and signing the request', done: 'The request is signed' },
  submit: { working: 'Handing in the request', done: 'The CA has the request' },
  approval: { working: 'Waiting for an approver', done: 'Approved' },
  check: { working: 'Checking the certificate', done: 'The certificate belongs to this key' },
  write: { working: 'Writing the certificate', done: 'The certificate is on the key' },
  prove: { working: 'Proving that it works', done: 'It works' },
};

export const TOUCH_WANTED = 'Touch the security key: it blinks.';

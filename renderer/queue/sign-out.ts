/** Tells an end of the sign-in that the person asked for from one that happened to them. */
let isExpected = false;

/** The person asked to be signed out: the next end is no surprise. */
export function expectSignOut(): void {
  isExpected = true;
}

/** Whether the end was asked for; asked once. */
export function takeExpectedSignOut(): boolean {
  const was = isExpected;
  isExpected = false;
  return was;
}

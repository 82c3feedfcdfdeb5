/** The two channels between the window and main; what goes over them is core/ipc.ts. */
export const CALL_CHANNEL = 'latchkey:call';
export const EVENT_CHANNEL = 'latchkey:event';

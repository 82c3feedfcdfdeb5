/** Between the panel's page and the demo's main process. */
export const PANEL_VIEW_CHANNEL = 'latchkey-panel:view';
export const PANEL_ACT_CHANNEL = 'latchkey-panel:act';
export const PANEL_CHANGED_CHANNEL = 'latchkey-panel:changed';

export const PANEL_ACTIONS = ['insert', 'remove', 'touch'] as const;
export type PanelAction = (typeof PANEL_ACTIONS)[number];

/** A virtual key as the hand sees it. */
export interface PanelKey {
  readonly serial: number;
  readonly firmware: string;
  readonly owner: 'user' | 'approver';
  /** Of a key that the demo itself enrolled; null: its owner chooses one. */
  readonly pin: string | null;
  readonly isInserted: boolean;
  readonly isWaitingForTouch: boolean;
}

export interface PanelView {
  readonly keys: readonly PanelKey[];
  /** An invitation to the demo's own CA, to paste. */
  readonly invitationLink: string | null;
  /** The virtual keys do not answer any more. */
  readonly isLost: boolean;
}

/** `window.hand` in the panel's page. */
export interface HandBridge {
  view(): Promise<PanelView>;
  act(serial: number, action: PanelAction): Promise<void>;
  onChange(listener: (view: PanelView) => void): void;
}

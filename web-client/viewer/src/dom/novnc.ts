// What is used of noVNC, and how it is loaded: https://github.com/novnc/noVNC/blob/master/docs/API.md

export interface Rfb extends EventTarget {
  viewOnly: boolean;
  scaleViewport: boolean;
  resizeSession: boolean;
  background: string;
  qualityLevel: number;
  compressionLevel: number;
  focus(): void;
  sendKey(keysym: number, code: string | null, down?: boolean): void;
  clipboardPasteFrom(text: string): void;
  disconnect(): void;
}

type RfbConstructor = new (target: HTMLElement, channel: WebSocket) => Rfb;

/** A bundle of its own, because most viewers never need it. */
export async function loadNovnc(url: string): Promise<RfbConstructor> {
  const module = (await import(url)) as { default: RfbConstructor };
  return module.default;
}

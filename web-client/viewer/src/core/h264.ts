// What is read of an H.264 byte stream (ITU-T H.264, annex B), and what is put in its place.

const TYPE_OF_UNIT = 0x1f;
const SEQUENCE_PARAMETER_SET = 7;

/** The codec's name for WebCodecs (RFC 6381), from the first parameter set; `null` without one. */
export function codecOf(stream: Uint8Array): string | null {
  const start = parameterSetAt(stream);
  if (start === null || start + 4 > stream.length) return null;
  // Profile, constraints and level, in this order.
  const [, profile = 0, constraints = 0, level = 0] = stream.subarray(start, start + 4);
  return `avc1.${[profile, constraints, level].map(hexadecimal).join("")}`;
}

function parameterSetAt(stream: Uint8Array): number | null {
  for (let at = 0; at + 3 < stream.length; at++) {
    const isStartCode = stream[at] === 0 && stream[at + 1] === 0 && stream[at + 2] === 1;
    if (!isStartCode) continue;
    if (((stream[at + 3] ?? 0) & TYPE_OF_UNIT) === SEQUENCE_PARAMETER_SET) return at + 3;
  }
  return null;
}

function hexadecimal(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

// Made by x264 from black frames of 16 x 16 pixels (`profile=constrained-baseline keyint=1`). The
// two pictures differ in idr_pic_id, as consecutive ones must.
const PARAMETER_SETS = "000000016742c015ddec05a830303528000003000800000301e478b17c0000000168ce32c8";
const PICTURES = ["00000165888406bfffff0f450001579f80", "00000165888201afffffc3d1400055e7e0"];

/**
 * Tiny black keyframes, for a decoder that has to be kept content although its pictures are not
 * wanted. They refer to nothing, so they may follow one another in any order.
 */
export class StandIns {
  readonly #frames = PICTURES.map((picture) => bytes(PARAMETER_SETS + picture));
  #next = 0;

  /** A buffer of its own for each call. */
  next(): Uint8Array<ArrayBuffer> {
    const frame = this.#frames[this.#next] ?? new Uint8Array();
    this.#next = 1 - this.#next;
    return frame.slice();
  }
}

function bytes(hexadecimals: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hexadecimals.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

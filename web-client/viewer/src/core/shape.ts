// Reads fields of a JSON value whose shape is not known yet.

/** A message that is not what the protocol says. Names the field, never its content. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
}

export class Fields {
  readonly #fields: Record<string, unknown>;

  constructor(value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new MalformedMessage("a message is a JSON object");
    }
    this.#fields = value as Record<string, unknown>;
  }

  string(name: string): string {
    const value = this.#fields[name];
    if (typeof value !== "string") throw new MalformedMessage(`${name} is not a string`);
    return value;
  }

  /** `null` counts as absent, as it does on the other side. */
  optional<T>(name: string, read: (name: string) => T): T | undefined {
    return (this.#fields[name] ?? undefined) === undefined ? undefined : read(name);
  }

  boolean(name: string): boolean {
    const value = this.#fields[name];
    if (typeof value !== "boolean") throw new MalformedMessage(`${name} is not a boolean`);
    return value;
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.#fields[name];
    const choice = choices.find((choice) => choice === value);
    if (choice === undefined) throw new MalformedMessage(`${name} is not known`);
    return choice;
  }

  number(name: string): number {
    const value = this.#fields[name];
    if (typeof value !== "number" || !Number.isFinite(value)) {
      throw new MalformedMessage(`${name} is not a number`);
    }
    return value;
  }

  u16(name: string): number {
    return this.#unsigned(name, 0xffff);
  }

  u32(name: string): number {
    return this.#unsigned(name, 0xffff_ffff);
  }

  /** A whole number as large as JavaScript can hold one exactly. */
  count(name: string): number {
    return this.#unsigned(name, Number.MAX_SAFE_INTEGER);
  }

  object(name: string): Fields {
    return new Fields(this.#fields[name]);
  }

  list(name: string): unknown[] {
    const value = this.#fields[name];
    if (!Array.isArray(value)) throw new MalformedMessage(`${name} is not a list`);
    return value;
  }

  #unsigned(name: string, max: number): number {
    const value = this.number(name);
    if (!Number.isInteger(value) || value < 0 || value > max) {
      throw new MalformedMessage(`${name} is out of range`);
    }
    return value;
  }
}

/**
 * The header fields of a message: an ordered list. Names are compared without regard to case and compact forms are
 * understood; untouched fields keep their spelling, order and folding when the message is written (RFC 3261 §7.3).
 */
export class Headers {
  /** Grows with each change. */
  revision = 0

  /** The first field's value, unfolded and trimmed. */
  get(_name: string): string | undefined {
    throw new Error('not yet')
  }

  /** The value of each field of that name, one per header field line. */
  all(_name: string): string[] {
    throw new Error('not yet')
  }

  /** The values of all fields of that name; comma-separated lists are split where the grammar allows lists. */
  values(_name: string): string[] {
    throw new Error('not yet')
  }

  has(_name: string): boolean {
    throw new Error('not yet')
  }

  /** Puts one field in place of all fields of that name (at the place of the first, else at the end). */
  set(_name: string, _value: string): void {
    throw new Error('not yet')
  }

  /** Appends a field after the last one of that name, else at the end. */
  add(_name: string, _value: string): void {
    throw new Error('not yet')
  }

  /** Puts a field before the first one of that name, else at the top. */
  prepend(_name: string, _value: string): void {
    throw new Error('not yet')
  }

  remove(_name: string): void {
    throw new Error('not yet')
  }

  /** Takes the first value away (top Via, top Route) and returns it; the rest of its line stays. */
  removeFirstValue(_name: string): string | undefined {
    throw new Error('not yet')
  }

  /** All fields in order: name as spelt, value unfolded and trimmed. */
  entries(): [name: string, value: string][] {
    throw new Error('not yet')
  }

  clone(): Headers {
    throw new Error('not yet')
  }
}

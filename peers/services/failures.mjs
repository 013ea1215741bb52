// What goes wrong in one call, or with one message, ends nothing else: it is told on standard error.

/** @param about what it was, in words; @param then what ends because of it */
export const failed =
  (about, then = () => undefined) =>
  (error) => {
    console.error(`${about}: ${error?.stack ?? error}`)
    then()
  }

/** Does the work, which may take its time, and hangs up where it fails. */
export const within =
  (call, work) =>
  (...given) =>
    void (async () => work(...given))().catch(failed('a call', () => call.hangUp()))

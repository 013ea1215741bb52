/** Lets the event loop turn: signals are heard and packets read between long pieces of work. Takes no time of any clock. */
export const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Whether an agent takes what arrives. */
import type { SharedStack } from './stack.js'

/** The switch `listen`, which the stack has to know. (On a class: a getter of each agent's own would cost it a kilobyte.) */
export class Listening {
  readonly #stack: SharedStack
  #on = true

  constructor(stack: SharedStack, on: boolean) {
    this.#stack = stack
    this.listen = on
  }

  get listen(): boolean {
    return this.#on
  }

  set listen(on: boolean) {
    if (on !== this.#on) {
      this.#on = on
      this.#stack.countMute(on ? -1 : 1)
    }
  }
}

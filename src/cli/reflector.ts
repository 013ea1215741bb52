/** The command `reflector`: the far end of router tests in the foreground. */
import { SystemRandom } from '../clock/random.js'
import { WallClock } from '../clock/wall-clock.js'
import { Reflector } from '../router/reflector.js'
import { KernelNetwork } from '../transport/kernel-network.js'
import { formatEndpoint } from '../transport/network.js'
import type { CliContext } from './context.js'
import { interrupted } from './interruption.js'
import type { ReflectorOrder } from './orders.js'

/** Runs it until the interruption. */
export async function performReflector(order: ReflectorOrder, context: CliContext): Promise<void> {
  const clock = new WallClock()
  const network = new KernelNetwork(clock)
  const reflector = await Reflector.start({ network, clock, random: new SystemRandom(), ...order })
  try {
    const places = reflector.places.map(formatEndpoint)
    const [first = ''] = places
    context.out(
      `ready ${places.join(', ')}\n\nBehind the router: ringproof router --reflector ${first.replace(/:5060$/, '')}\nPress Ctrl-C to stop.\n`,
    )
    await interrupted(context.interruption.signal)
  } finally {
    await reflector.stop()
  }
}

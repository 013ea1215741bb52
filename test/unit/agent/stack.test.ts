import { describe, expect, it } from 'vitest'
import { SharedStack } from '../../../src/agent/stack.js'
import { timerTable } from '../../../src/transaction/timers.js'
import { type ListenOptions, type Network, NetworkError } from '../../../src/transport/network.js'
import { Line } from './line.js'

/** A stack on a wire that finds the TCP port taken so many times. */
function stackOn(line: Line, taken: number, localPort?: number) {
  const bound: number[] = []
  const { network: inner } = line
  const network: Network = {
    kind: inner.kind,
    clock: inner.clock,
    bindUdp: async (at) => {
      const socket = await inner.bindUdp(at)
      bound.push(socket.local.port)
      return socket
    },
    connect: (o) => inner.connect(o),
    listen: (o: ListenOptions) =>
      taken-- > 0 ? Promise.reject(new NetworkError('port-taken', 'a connection has it')) : inner.listen(o),
  }
  const { clock, random } = line
  const common = {
    network,
    clock,
    random,
    timers: timerTable(),
    parseMode: 'strict',
    localAddress: '10.0.0.1',
  } as const
  return { stack: new SharedStack({ ...common, ...(localPort === undefined ? {} : { localPort }) }), bound }
}

describe('the ports of a stack', () => {
  it('are others where the one that was free for UDP is taken for TCP', () => {
    const line = new Line()
    return line.run(async () => {
      const { stack, bound } = stackOn(line, 3)
      await stack.start()
      expect(bound.length).toBe(4)
      expect(stack.advertised('udp')).toEqual({ address: '10.0.0.1', port: bound[3] })
      expect(stack.advertised('tcp')).toEqual(stack.advertised('udp'))
      // Nothing is left of the attempts before.
      for (const port of bound.slice(0, 3)) (await line.network.bindUdp({ address: '10.0.0.1', port })).close()
      await stack.close()
    })
  })

  it('are not changed where a port was asked for', () => {
    const line = new Line()
    return line.run(async () => {
      const { stack, bound } = stackOn(line, 1, 5070)
      await expect(stack.start()).rejects.toMatchObject({ code: 'port-taken' })
      expect(bound).toEqual([5070])
      await stack.close()
    })
  })
})

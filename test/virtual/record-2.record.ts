import { recordShare } from './record.js'

recordShare(1, 2)

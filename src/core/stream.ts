// What `cluster` hands to `envoy` and `istiod`: a way to reach a port of a pod.

import type { Duplex } from 'node:stream';
import type { PodRef } from './fleet.ts';

/**
 * Opens one TCP connection to `port` on the loopback interface of the pod. Resolves once the stream is open (which does not
 * mean that something listens there: a refusal destroys the stream with a ToolError `refused`). The caller destroys it.
 */
export type Dial = (pod: PodRef, port: number, signal: AbortSignal) => Promise<Duplex>;

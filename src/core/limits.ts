// Every limit of the tool, in one place. An error that a limit causes names the flag that raises it, where there is
// one.

const second = 1_000;
const mebibyte = 1024 * 1024;

export const limits = {
  /** TCP and TLS to the API server. */
  connectMs: 10 * second,
  /** From the upgrade request to 101 on a WebSocket. */
  handshakeMs: 15 * second,
  /** A TLS handshake with a port of a pod. */
  podTlsMs: 5 * second,
  /** All handshakes with one pod that are made because of doubts. */
  doubtfulMs: 15 * second,
  /** An answer to a request that is sent through a pod: longer than Envoy's own default for a service, 15 s. */
  sentMs: 20 * second,
  /** To the first byte of an answer: Envoy builds a large dump on its main thread before it sends anything. */
  firstByteMs: 30 * second,
  /** Between two chunks of an answer. */
  inactivityMs: 30 * second,
  /** One pod with everything asked of it (`--pod-timeout`). */
  podMs: 120 * second,
  /** A unary call to the API server (`--request-timeout`). */
  requestMs: 30 * second,
  /** Pods asked at the same time (`--parallel`). */
  parallelPods: 16,
  /** One answer of an admin port (`--max-dump`). */
  answerBytes: 256 * mebibyte,
  /** One answer of the API server, unpacked: 500 pods are 10 MiB, 500 Secrets of Helm may be 500. */
  apiAnswerBytes: 256 * mebibyte,
  /** What is kept of an answer that is an error, of what a node says of a stream, and of the Status of exec. */
  errorBytes: 64 * 1024,
  /** All pages of one list, and how many they are: at 500 objects a page, 500,000 objects. */
  listBytes: 512 * mebibyte,
  listPages: 1_000,
  listMs: 300 * second,
  /** A changed pod, as a watch tells it: etcd takes 1.5 MiB. */
  watchLineBytes: 8 * mebibyte,
  /** What a credential plugin prints, and how long it may wait for who logs in. */
  pluginBytes: 1 * mebibyte,
  pluginMs: 600 * second,
  /** A kubeconfig, and each file that it names. */
  kubeconfigBytes: 16 * mebibyte,
  /** A file of a saved directory: V8 makes no longer text. */
  savedFileBytes: 511 * mebibyte,
  /** A snapshot, unpacked, its entries, and the values in one of its files with what they share. */
  snapshotBytes: 1024 * mebibyte,
  snapshotEntries: 100_000,
  snapshotValues: 50_000_000,
  /** Of a snapshot, packed, in a page: V8 makes no longer text than 511 MiB. */
  pageArchiveBytes: 256 * mebibyte,
  /** Of lines of logs in one entry of a snapshot. */
  snapshotLogBytes: 4 * mebibyte,
  /** Of lines of the gateway's logs, and of istiod's: a snapshot that cannot be read has nothing. */
  snapshotLogsBytes: 384 * mebibyte,
  /** A file that this tool keeps for itself. */
  ownFileBytes: 1 * mebibyte,
  /** Bytes of answers that may be in flight or being parsed at the same time, over all pods. */
  bytesInFlight: 512 * mebibyte,
  /** Buffered per stream before the peer is made to wait. */
  streamBufferBytes: 1 * mebibyte,
  /** Per message towards the pod; the server accepts up to 32 MiB. */
  streamWriteBytes: 64 * 1024,
  /** Work that takes longer shows what it is at. */
  progressAfterMs: 1 * second,
  /** How long the other side of a forwarded connection is waited for after one side has ended. */
  lingerMs: 5 * second,
  /** Requests that may wait at the local door to an admin port. */
  waitingRequests: 8,
  /** Of one pod's log, without --follow (`--max-log`). */
  logBytes: 256 * mebibyte,
  /** How far back the logs of an incident are read where nobody says it (`--since`). */
  logSpanMs: 15 * 60 * second,
  /** Lines read and not yet printed, over all pods: beyond it they go to a file. */
  logBufferBytes: 32 * mebibyte,
  /** In that file, over all pods: beyond it lines are dropped, counted and reported. */
  logSpillBytes: 1024 * mebibyte,
  /** How long a line may wait for earlier ones of pods that are slower. */
  logWindowMs: 500,
  /** A pod whose log does not open in this time holds the others up no longer. */
  logOpenMs: 5 * second,
  /** Log streams opened at the same time; all pods are followed. */
  logOpenings: 16,
  /** From the end of one round of `wait` to the beginning of the next: dumps hold Envoy's main thread. */
  betweenRoundsMs: 5 * second,
  /** WebSocket pings keep load balancers from ending an idle connection. */
  heartbeatMs: 15 * second,
} as const;

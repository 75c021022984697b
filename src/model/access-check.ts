// What `doctor` has found: one line for each thing that has to be so.

export interface AccessCheck {
  readonly name: 'kubeconfig' | 'API server' | 'clock' | 'credentials' | 'gateway' | 'pod' | 'istiod' | 'right';
  /** `note`: it is not so, and need not be. `warning`: answers have gaps. `failed`: nothing can be answered. */
  readonly state: 'ok' | 'note' | 'warning' | 'failed';
  readonly says: string;
  /** What is lost, or what to do. */
  readonly hint?: string | readonly string[] | undefined;
}

module github.com/kubectl-istio-ingress/kubectl-istio-ingress/scripts/fields

go 1.26.0

// Nothing of these is compiled: scripts/gen-fields.ts reads the definitions that they have inside.
require (
	github.com/cert-manager/cert-manager v1.21.2
	istio.io/api v1.32.0
	k8s.io/api v0.37.2
	k8s.io/apimachinery v0.37.2
)

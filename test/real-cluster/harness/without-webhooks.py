"""Copies Kubernetes manifests from stdin to stdout, but not the webhooks, the autoscalers and the gateway's Deployment."""

import re
import sys

DROPPED = re.compile(r"^kind: (MutatingWebhook|ValidatingWebhook|HorizontalPodAutoscaler)", re.MULTILINE)


def is_gateway_deployment(document: str) -> bool:
    return "\nkind: Deployment\n" in "\n" + document and "\n  name: istio-ingressgateway\n" in document


for document in sys.stdin.read().split("\n---\n"):
    if not DROPPED.search(document) and not is_gateway_deployment(document):
        print("---")
        print(document)

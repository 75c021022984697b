"""mesh.py SERVICES ENDPOINTS PREFIX: prints a Kubernetes List of 2 x SERVICES services, SERVICES of them behind the ingress,
with ENDPOINTS endpoints each.

With the prefix `svc` it adds what goes wrong in real clusters: two Gateways that claim one host, a second release attached
to an existing Gateway, an expired and an expiring certificate, a missing secret, a missing service; and mutual TLS, TLS
passthrough and an HTTP-to-HTTPS redirect. Certificates are made once, in $PKI.
"""

import base64
import datetime
import json
import os
import subprocess
import sys

SERVICES, ENDPOINTS, PREFIX = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
PKI = os.environ["PKI"]
EC = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
RSA = ["rsa:2048"]
# Services whose backends (see `backends`) are called over TLS that is not verified, so that they answer.
UNVERIFIED = (1, 2, 4, 5, 7)

items = []


# Certificates ---------------------------------------------------------------------------------------------------------


def path(name):
    return os.path.join(PKI, name)


def write(name, text):
    with open(path(name), "w", encoding="ascii") as file:
        file.write(text)


def read(name):
    with open(path(name), encoding="ascii") as file:
        return file.read()


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=PKI)


def make_authorities():
    """A root, and an intermediate that signs through `openssl ca`: of OpenSSL 3.0 only that sets the dates."""
    os.makedirs(PKI, exist_ok=True)
    if os.path.exists(path("int.crt")):
        return
    new = ["req", "-newkey", *EC, "-nodes"]
    openssl(*new, "-x509", "-keyout", "root.key", "-out", "root.crt", "-days", "3650", "-subj", "/O=Wikimedia-like/CN=Discovery Root CA")
    openssl(*new, "-keyout", "int.key", "-out", "int.csr", "-subj", "/O=Wikimedia-like/CN=discovery intermediate")
    write("int.ext", "basicConstraints=critical,CA:true,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n")
    write("index", "")
    write("serial", "1000\n")
    write(
        "ca.cnf",
        "[ca]\ndefault_ca=default\n[default]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\n"
        "policy=policy\nunique_subject=no\n[policy]\ncommonName=supplied\n",
    )
    signed = ["-CA", "root.crt", "-CAkey", "root.key", "-CAcreateserial", "-days", "1800"]
    openssl("x509", "-req", "-in", "int.csr", *signed, "-out", "int.crt", "-extfile", "int.ext")


def certificate(name, hosts, start=-30, end=60, key=EC):
    """A chain and its key in PEM, valid from `start` to `end`, in days from now."""
    if not os.path.exists(path(f"{name}.crt")):
        openssl("req", "-newkey", *key, "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={hosts[0][:60]}")
        names = ",".join(f"DNS:{host}" for host in hosts)
        write(f"{name}.ext", f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n")
        now = datetime.datetime.now(datetime.timezone.utc)
        start, end = ((now + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ") for days in (start, end))
        signing = ["-config", "ca.cnf", "-cert", "int.crt", "-keyfile", "int.key", "-startdate", start, "-enddate", end]
        openssl("ca", "-batch", "-notext", *signing, "-in", f"{name}.csr", "-out", f"{name}.crt", "-extfile", f"{name}.ext")
    return read(f"{name}.crt") + read("int.crt"), read(f"{name}.key")


# Kubernetes objects ---------------------------------------------------------------------------------------------------


def add(version, kind, namespace, name, **fields):
    metadata = {"name": name, **({"namespace": namespace} if namespace else {}), **fields.pop("metadata", {})}
    items.append({"apiVersion": version, "kind": kind, "metadata": metadata, **fields})


def add_istio(kind, namespace, name, **spec):
    add(f"networking.istio.io/{os.environ['ISTIO_API']}", kind, namespace, name, spec=spec)


def add_secret(name, chain, key, **more):
    data = {"tls.crt": chain, "tls.key": key, **more}
    encoded = {field: base64.b64encode(text.encode()).decode() for field, text in data.items()}
    add("v1", "Secret", "istio-system", name, type="kubernetes.io/tls", data=encoded)


def add_gateway(namespace, name, *servers):
    add_istio("Gateway", namespace, name, selector={"istio": "ingressgateway"}, servers=list(servers))


def https(host, secret, mode="SIMPLE", number=443, name="https"):
    port = {"name": name, "number": number, "protocol": "HTTPS"}
    return {"port": port, "hosts": [host], "tls": {"mode": mode, "credentialName": secret}}


def port_of(index):
    return 4000 + index % 1000


def destination(index, **more):
    name = f"{PREFIX}{index}"
    host = f"{name}-tls-service.{name}.svc.cluster.local"
    return {"destination": {"host": host, "port": {"number": port_of(index)}}, **more}


def add_service(index):
    name = f"{PREFIX}{index}"
    service = f"{name}-tls-service"
    add("v1", "Namespace", None, name)
    port = {"name": "https", "port": port_of(index), "targetPort": 4000, "protocol": "TCP"}
    add("v1", "Service", name, service, spec={"type": "ClusterIP", "ports": [port]})
    first = index * ENDPOINTS + 1
    endpoints = [
        {"addresses": [f"10.64.{number >> 8 & 255}.{number & 255}"], "conditions": {"ready": True}, "nodeName": f"node{(number - first) % 3}"}
        for number in range(first, first + ENDPOINTS)
    ]
    add(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        name,
        f"{service}-1",
        metadata={"labels": {"kubernetes.io/service-name": service}},
        addressType="IPv4",
        endpoints=endpoints,
        ports=[{"name": "https", "port": 4000, "protocol": "TCP"}],
    )


def routes(index):
    """A service's HTTP routes: of five kinds, by its number."""
    to = [destination(index)]
    regex = {"uri": {"regex": "/v[0-9]+/items/.*"}, "headers": {"x-client": {"exact": "beta"}}}
    kinds = {
        1: [
            {"match": [{"uri": {"prefix": "/one"}}, {"uri": {"exact": "/healthz"}}], "route": to},
            {"match": [regex], "route": to, "timeout": "5s", "retries": {"attempts": 2, "perTryTimeout": "2s"}},
        ],
        2: [
            {"match": [{"uri": {"prefix": "/old"}}], "redirect": {"uri": "/new", "redirectCode": 301}},
            {"match": [{"uri": {"prefix": "/api/"}}], "rewrite": {"uri": "/"}, "route": to},
            {"route": to},
        ],
        3: [
            {
                "route": [destination(index, weight=90), destination(index + 1, weight=10)],
                "corsPolicy": {"allowOrigins": [{"regex": "https://.*"}]},
            }
        ],
    }
    return kinds.get(index % 5, [{"route": to}])


def add_ingress(index):
    name = f"{PREFIX}{index}"
    host = f"{name}.discovery.wmnet"
    if index < 6 or PREFIX != "svc":
        chain, key = certificate(f"{name}-tls", [host, f"{name}.svc.eqiad.wmnet"])
    else:
        chain, key = certificate("shared", ["*.discovery.wmnet", "*.staging.discovery.wmnet"])
    add_secret(f"{name}-tls-certificate", chain, key)
    add_gateway(name, f"{name}-main", https(host, f"{name}-tls-certificate"))
    add_istio("VirtualService", name, f"{name}-main", hosts=[host], gateways=[f"{name}/{name}-main"], http=routes(index))
    if PREFIX == "svc" and index in UNVERIFIED:
        tls = {"mode": "SIMPLE", "insecureSkipVerify": True}
    else:
        tls = {"mode": "SIMPLE", "caCertificates": "/etc/ssl/certs/ca-certificates.crt"}
    policy = {"connectionPool": {"tcp": {"maxConnections": 1000}}, "tls": tls}
    add_istio("DestinationRule", name, f"{name}-main", host=destination(index)["destination"]["host"], trafficPolicy=policy)


def add_troubles():
    # A second Gateway claims svc0's host: istiod takes one of them for it, and the other's routes answer.
    add_gateway("svc1", "dup-svc0", https("svc0.discovery.wmnet", "svc1-tls-certificate"))
    # A second release attaches to svc1's Gateway.
    second = {"match": [{"uri": {"prefix": "/two"}}], "route": [destination(2)]}
    add_istio("VirtualService", "svc1", "two", hosts=["svc1.discovery.wmnet"], gateways=["svc1/svc1-main"], http=[second])
    for name, start, end in (("expired", -400, -2), ("expiring", -80, 5)):
        host = f"{name}.discovery.wmnet"
        add_secret(f"{name}-tls-certificate", *certificate(name, [host], start, end, RSA))
        add_gateway("svc2", name, https(host, f"{name}-tls-certificate"))
        to = {"destination": {"host": "svc2-tls-service", "port": {"number": 4002}}}
        add_istio("VirtualService", "svc2", name, hosts=[host], gateways=[name], http=[{"route": [to]}])
    # Neither the secret nor the service exists.
    add_gateway("svc3", "nosecret", https("nosecret.discovery.wmnet", "does-not-exist"))
    nothing = {"destination": {"host": "nothing.svc3.svc.cluster.local", "port": {"number": 80}}}
    add_istio("VirtualService", "svc3", "nocluster", hosts=["nosecret.discovery.wmnet"], gateways=["nosecret"], http=[{"route": [nothing]}])


def add_other_protocols():
    chain, key = certificate("svc4-tls", ["svc4.discovery.wmnet"])
    add_secret("mtls-tls-certificate", chain, key, **{"ca.crt": read("root.crt")})
    redirect = {"port": {"name": "http", "number": 80, "protocol": "HTTP"}, "hosts": ["*.discovery.wmnet"], "tls": {"httpsRedirect": True}}
    passthrough = {"port": {"name": "tls-pass", "number": 8445, "protocol": "TLS"}, "hosts": ["pass.discovery.wmnet"], "tls": {"mode": "PASSTHROUGH"}}
    mutual = https("mtls.discovery.wmnet", "mtls-tls-certificate", "MUTUAL", 8444, "https-mtls")
    add_gateway("svc4", "mtls", mutual, redirect, passthrough)
    to = {"route": [{"destination": {"host": "svc4-tls-service", "port": {"number": 4004}}}]}
    add_istio("VirtualService", "svc4", "mtls", hosts=["mtls.discovery.wmnet"], gateways=["mtls"], http=[to])
    tls = {"match": [{"port": 8445, "sniHosts": ["pass.discovery.wmnet"]}], **to}
    add_istio("VirtualService", "svc4", "pass", hosts=["pass.discovery.wmnet"], gateways=["mtls"], tls=[tls])


make_authorities()
for number in range(2 * SERVICES):
    add_service(number)
    if number < SERVICES:
        add_ingress(number)
if PREFIX == "svc":
    add_troubles()
    add_other_protocols()
# Namespaces first: the List is created in its order.
items.sort(key=lambda item: item["kind"] != "Namespace")
json.dump({"apiVersion": "v1", "kind": "List", "items": items}, sys.stdout)

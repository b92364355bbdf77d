# SPDX-License-Identifier: BSD-2-Clause
#
# credentials.py DIRECTORY KEYTAB CLIENT_KEYTAB: acquires, stores, exports, imports and uses credentials through
# python3-gssapi, and prints what comes of each step, without times or texts, so that libraries can be compared. The caches
# are in the directory, and "maps" there tells which library it was.

import os
import pickle
import sys

import gssapi
from gssapi import raw

directory, keytab, client_keytab = sys.argv[1:]
krb5 = gssapi.MechType.kerberos
spnego = gssapi.OID.from_int_seq("1.3.6.1.5.5.2")
user = gssapi.NameType.user
service = gssapi.Name("demo@localhost", gssapi.NameType.hostbased_service)


def cache(name, kind="FILE"):
    return f"{kind}:{directory}/{name}"


def step(label, function):
    """Prints what a step gives, or the class of its error; returns the former."""
    try:
        result = function()
    except gssapi.exceptions.GSSError as e:
        print(f"{label}: {type(e).__name__}, {e.maj_code:#x}")
        return None
    print(f"{label}: {show(result)}")
    return result


def lasting(seconds):
    return "for ever" if seconds is None else "for a while" if seconds > 0 else "ended"


def show(value):
    if isinstance(value, gssapi.Credentials):
        info = value.inquire()
        return f"of {info.name}, usage {info.usage}, {lasting(info.lifetime)}, krb5 {krb5 in info.mechs}"
    if isinstance(value, raw.StoreCredResult):
        return f"krb5 {krb5 in value.mechs}, usage {value.usage}"
    return value


def password(name, text, **options):
    name = gssapi.Name(name, user)
    return gssapi.Credentials(raw.acquire_cred_with_password(name, text, **{"usage": "initiate", **options}).creds)


def context(creds, mech=krb5, flags=None, peer=service):
    """Establishes a context and moves a message each way; returns the acceptor's."""
    acceptor = gssapi.Credentials(usage="accept", store={"keytab": keytab, "rcache": "none:"})
    client = gssapi.SecurityContext(name=peer, creds=creds, mech=mech, usage="initiate", flags=flags)
    server = gssapi.SecurityContext(creds=acceptor, usage="accept")
    token = None
    while not (client.complete and server.complete):
        token = client.step(token)
        if token:
            token = server.step(token)
    assert server.unwrap(client.wrap(b"to the server", True).message).message == b"to the server"
    assert client.unwrap(server.wrap(b"to the client", True).message).message == b"to the client"
    return server


def initiator(creds, **options):
    return str(context(creds, **options).initiator_name)


# From passwords.
alice = step("a password", lambda: password("alice", b"alice-password"))
step("a context with it", lambda: initiator(alice))
step("a wrong password", lambda: password("alice", b"wrong"))
step("a password of nobody", lambda: password("nobody", b"wrong"))
step("an empty password", lambda: password("alice", b""))
step("in a credential store", lambda: gssapi.Credentials(name=gssapi.Name("alice", user), usage="initiate",
                                                         store={"password": "alice-password"}))
step("a password and no name", lambda: gssapi.Credentials(usage="initiate", store={"password": "alice-password"}))

# To caches, and from there.
for kind in "FILE", "DIR", "MEMORY", "KEYRING":
    into = {"ccache": cache(kind.lower(), kind) if kind != "KEYRING" else "KEYRING:process:stored"}
    step(f"{kind}: nothing yet", lambda: gssapi.Credentials(usage="initiate", store=into))
    step(f"{kind}: stored", lambda: alice.store(into, usage="initiate", mech=krb5))
    step(f"{kind}: stored again", lambda: alice.store(into, usage="initiate", mech=krb5))
    step(f"{kind}: stored over it", lambda: alice.store(into, usage="initiate", mech=krb5, overwrite=True, set_default=True))
    there = step(f"{kind}: what is there", lambda: gssapi.Credentials(usage="initiate", store=into))
    step(f"{kind}: a context from there", lambda: initiator(there))
    step(f"{kind}: alice's", lambda: gssapi.Credentials(name=gssapi.Name("alice", user), usage="initiate", store=into))
    step(f"{kind}: bob's", lambda: gssapi.Credentials(name=gssapi.Name("bob", user), usage="initiate", store=into))

# Of a client keytab, in a cache that there is none of.
store = {"client_keytab": client_keytab, "ccache": cache("client")}
step("a client keytab", lambda: gssapi.Credentials(usage="initiate", store=store))
step("the client keytab of somebody", lambda: gssapi.Credentials(name=gssapi.Name("bob", user), usage="initiate",
                                                               store={**store, "ccache": cache("bob")}))
step("a context with the keytab's", lambda: initiator(gssapi.Credentials(usage="initiate", store=store)))

# The default cache, and what is delegated from it.
os.environ["KRB5CCNAME"] = cache("default")
step("no default", lambda: gssapi.Credentials(usage="initiate"))
step("stored as the default", lambda: alice.store(usage="initiate", mech=krb5, set_default=True))
step("the default", lambda: gssapi.Credentials(usage="initiate"))
step("a context by default", lambda: initiator(None))
step("negotiated by default", lambda: initiator(None, mech=spnego))
flags = gssapi.RequirementFlag.delegate_to_peer | gssapi.RequirementFlag.mutual_authentication
delegated = step("delegated", lambda: context(None, flags=flags).delegated_creds)
step("stored, what was delegated", lambda: delegated.store({"ccache": cache("delegated")}, usage="initiate", mech=krb5))
os.environ["KRB5CCNAME"] = cache("delegated")
step("a context from there", lambda: initiator(None))

# Acceptors.
accept = step("keys", lambda: gssapi.Credentials(name=service, usage="accept", store={"keytab": keytab}))
step("keys of nobody", lambda: gssapi.Credentials(name=gssapi.Name("nobody@localhost", gssapi.NameType.hostbased_service),
                                                  usage="accept", store={"keytab": keytab}))
step("no keys", lambda: gssapi.Credentials(usage="accept", store={"keytab": cache("none")}))
both = step("both sides", lambda: gssapi.Credentials(usage="both", store={"keytab": keytab, "ccache": cache("default")}))
step("both sides, by mechanism", lambda: both.inquire_by_mech(krb5).usage)
step("added", lambda: gssapi.Credentials(usage="initiate", mechs=[spnego]).add(
    gssapi.Name("alice", user), krb5, usage="initiate"))

# From process to process.
token = step("exported", lambda: bool(delegated.export())) and delegated.export()
imported = step("imported", lambda: gssapi.Credentials(token=token))
step("a context with what was imported", lambda: initiator(imported))
step("pickled", lambda: pickle.loads(pickle.dumps(gssapi.Credentials(usage="initiate"))))
step("not a token", lambda: gssapi.Credentials(token=b"not a token"))

# Acting for users.
os.environ["KRB5CCNAME"] = cache("serving")
serving = step("a service", lambda: gssapi.Credentials(usage="both", store={
    "client_keytab": keytab, "keytab": keytab, "ccache": cache("serving")}, name=service))
acting = step("acting for bob", lambda: serving.impersonate(gssapi.Name("bob", user), usage="initiate"))
step("a context for bob", lambda: initiator(acting))
step("acting for nobody", lambda: initiator(serving.impersonate(gssapi.Name("nobody", user), usage="initiate")))

with open("/proc/self/maps") as maps, open(f"{directory}/maps", "w") as copy:
    copy.write(maps.read())

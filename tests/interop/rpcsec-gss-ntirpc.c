/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rpcsec-gss-ntirpc: the server of rpcsec-gss.c with libntirpc, the RPC library of NFS-Ganesha, which finds the context
 * of a call by the first 16 octets behind its handle.
 *
 *	rpcsec-gss-ntirpc
 *
 * Serves with any key of the keytab, and answers each call with the RPC service, the client and the text that came.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <rpc/rpc.h>
#include <rpc/svc_auth.h>
#include <rpc/svc_rqst.h>
#include <rpc/xdr_inline.h>
#include <rpc/gss_internal.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LARGEST (64 * 1024)

static const char *const services[] = { "default", "none", "integrity", "privacy" };

static bool xdr_text(XDR *xdrs, void *text)
{
	return xdr_string(xdrs, text, LARGEST);
}

static struct svc_req *request(SVCXPRT *transport, XDR *xdrs)
{
	struct svc_req *r = calloc(1, sizeof(*r));

	if (r == NULL)
		exit(1);
	SVC_REF(transport, SVC_REF_FLAG_NONE);
	r->rq_xprt = transport;
	r->rq_xdrs = xdrs;
	r->rq_refcnt = 1;
	return r;
}

static void end_of_request(struct svc_req *r, enum xprt_stat ignored)
{
	(void)ignored;
	SVC_RELEASE(r->rq_xprt, SVC_RELEASE_FLAG_NONE);
	free(r);
}

static enum xprt_stat serve(struct svc_req *r)
{
	struct rpc_gss_cred *cred = (struct rpc_gss_cred *)r->rq_msg.rq_cred_body;
	struct svc_rpc_gss_data *data;
	bool done = false;
	char *text = NULL, *answer;
	enum auth_stat status = svc_auth_authenticate(r, &done);
	enum xprt_stat stat;
	size_t size;

	if (status != AUTH_OK)
		return svcerr_auth(r, status);
	if (done)
		return SVC_STAT(r->rq_xprt);
	if (r->rq_msg.cb_cred.oa_flavor != RPCSEC_GSS)
		return svcerr_auth(r, AUTH_TOOWEAK);
	data = r->rq_auth->svc_ah_private;
	r->rq_msg.rm_xdr.where = &text;
	r->rq_msg.rm_xdr.proc = (xdrproc_t)xdr_text;
	if (!SVCAUTH_CHECKSUM(r))
		return svcerr_decode(r);
	size = strlen(text) + data->cname.length + 20;
	answer = malloc(size);
	snprintf(answer, size, "%s %.*s %s", services[cred->gc_svc], (int)data->cname.length, (char *)data->cname.value, text);
	printf("called by %.*s, %s\n", (int)data->cname.length, (char *)data->cname.value, services[cred->gc_svc]);
	r->rq_msg.RPCM_ack.ar_results.where = &answer;
	r->rq_msg.RPCM_ack.ar_results.proc = (xdrproc_t)xdr_text;
	stat = svc_sendreply(r);
	free(answer);
	xdr_free((xdrproc_t)xdr_text, &text);
	return stat;
}

static enum xprt_stat connected(SVCXPRT *transport)
{
	transport->xp_dispatch.process_cb = serve;
	return XPRT_IDLE;
}

int main(void)
{
	svc_init_params params;
	struct sockaddr_in address;
	socklen_t length = sizeof(address);
	int s = socket(AF_INET, SOCK_STREAM, 0);
	SVCXPRT *transport;
	uint32_t channel;

	alarm(300);
	setvbuf(stdout, NULL, _IOLBF, 0);
	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	memset(&params, 0, sizeof(params));
	params.alloc_cb = request;
	params.free_cb = end_of_request;
	params.flags = SVC_INIT_EPOLL | SVC_INIT_NOREG_XPRTS;
	params.max_connections = 64;
	params.max_events = 64;
	params.channels = 2;
	params.idle_timeout = 60;
	params.ioq_thrd_min = 2;
	params.ioq_thrd_max = 8;
	params.gss_ctx_hash_partitions = 13;
	params.gss_max_ctx = 1024;
	params.gss_max_gc = 16;
	if (s < 0 || bind(s, (struct sockaddr *)&address, length) != 0 || listen(s, 20) != 0 ||
	    getsockname(s, (struct sockaddr *)&address, &length) != 0 || !svc_init(&params) ||
	    svc_rqst_new_evchan(&channel, NULL, SVC_RQST_FLAG_NONE) != 0 ||
	    (transport = svc_vc_ncreatef(s, 0, 0, SVC_CREATE_FLAG_CLOSE | SVC_CREATE_FLAG_LISTEN)) == NULL) {
		fprintf(stderr, "no server\n");
		return 1;
	}
	transport->xp_dispatch.rendezvous_cb = connected;
	if (svc_rqst_evchan_reg(channel, transport, SVC_RQST_FLAG_XPRT_UREG) != 0) {
		fprintf(stderr, "no events\n");
		return 1;
	}
	printf("port %d\n", ntohs(address.sin_port));
	for (;;)
		pause();
}

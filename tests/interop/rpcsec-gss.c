/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RPCSEC_GSS (RFC 2203) with libtirpc, without rpcbind, on 127.0.0.1.
 *
 *	rpcsec-gss server SERVICE
 *		prints its port, and answers each call with the RPC service, the client and the text that came
 *	rpcsec-gss client PORT SERVICE none|integrity|privacy TEXT [SIZE]
 *		makes two contexts and calls with both in turn, and once with SIZE octets; SERVICE is host-based
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <rpc/rpc.h>
#include <rpc/rpcsec_gss.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROGRAM 0x20052203 /* of those that anybody may use */
#define VERSION 1
#define ECHO    1
#define CONTEXTS 2
#define LARGEST (64 * 1024)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const services[] = { "default", "none", "integrity", "privacy" };
static char mechanism[] = "kerberos_v5";

static void fail(const char *what)
{
	rpc_gss_error_t e = { 0, 0 };

	rpc_gss_get_error(&e);
	fprintf(stderr, "%s: RPC error %d, RPCSEC_GSS error %d, system error %d\n", what, (int)rpc_createerr.cf_stat,
	    e.rpc_gss_error, e.system_error);
	exit(1);
}

static bool_t xdr_text(XDR *xdrs, char **text)
{
	return xdr_string(xdrs, text, LARGEST);
}

static void dispatch(struct svc_req *request, SVCXPRT *transport)
{
	rpc_gss_rawcred_t *raw = NULL;
	rpc_gss_ucred_t *ucred = NULL;
	char *text = NULL, *answer;
	void *cookie = NULL;
	size_t size;

	if (request->rq_proc != ECHO) {
		svcerr_noproc(transport);
		return;
	}
	if (request->rq_cred.oa_flavor != RPCSEC_GSS || !rpc_gss_getcred(request, &raw, &ucred, &cookie)) {
		svcerr_weakauth(transport);
		return;
	}
	if (!svc_getargs(transport, (xdrproc_t)xdr_text, (char *)&text)) {
		svcerr_decode(transport);
		return;
	}
	size = strlen(text) + (size_t)raw->client_principal->len + 20;
	answer = malloc(size);
	/* libtirpc gives the name as gss_display_name does. */
	snprintf(answer, size, "%s %.*s %s", services[raw->service], raw->client_principal->len, raw->client_principal->name,
	    text);
	printf("called by %.*s, %s\n", raw->client_principal->len, raw->client_principal->name, services[raw->service]);
	if (!svc_sendreply(transport, (xdrproc_t)xdr_text, (char *)&answer))
		svcerr_systemerr(transport);
	free(answer);
	svc_freeargs(transport, (xdrproc_t)xdr_text, (char *)&text);
}

static struct sockaddr_in local(int port)
{
	struct sockaddr_in a;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((unsigned short)port);
	return a;
}

static int server(char *service)
{
	struct sockaddr_in address = local(0);
	socklen_t length = sizeof(address);
	int s = socket(AF_INET, SOCK_STREAM, 0);
	SVCXPRT *transport;

	signal(SIGPIPE, SIG_IGN);
	if (s < 0 || bind(s, (struct sockaddr *)&address, length) != 0 || listen(s, 20) != 0 ||
	    getsockname(s, (struct sockaddr *)&address, &length) != 0) {
		perror("socket");
		return 1;
	}
	transport = svc_vc_create(s, 0, 0);
	if (transport == NULL || !rpc_gss_set_svc_name(service, mechanism, 0, PROGRAM, VERSION) ||
	    !svc_reg(transport, PROGRAM, VERSION, dispatch, NULL))
		fail("server");
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("port %d\n", ntohs(address.sin_port));
	svc_run();
	return 1;
}

/* call sends the text and compares the end of the answer, and prints the beginning. */
static void call(CLIENT *c, char *text, int shown)
{
	struct timeval limit = { 20, 0 };
	char *answer = NULL;
	enum clnt_stat status;
	size_t head;

	status = clnt_call(c, ECHO, (xdrproc_t)xdr_text, (caddr_t)&text, (xdrproc_t)xdr_text, (caddr_t)&answer, limit);
	if (status != RPC_SUCCESS) {
		fprintf(stderr, "%s\n", clnt_sperror(c, "call"));
		exit(1);
	}
	head = strlen(answer) - strlen(text);
	if (strlen(answer) < strlen(text) || strcmp(answer + head, text) != 0) {
		fprintf(stderr, "another text came back\n");
		exit(1);
	}
	printf("%.*s\n", (int)head + shown, answer);
	clnt_freeres(c, (xdrproc_t)xdr_text, (caddr_t)&answer);
}

static int client(int port, char *service, const char *how, char *text, size_t size)
{
	struct sockaddr_in address = local(port);
	CLIENT *c[CONTEXTS];
	rpc_gss_service_t s = rpcsec_gss_svc_default;
	char *large;
	size_t i;
	int turn;

	for (i = 1; i < COUNT(services); i++)
		if (strcmp(how, services[i]) == 0)
			s = (rpc_gss_service_t)i;
	for (i = 0; i < CONTEXTS; i++) {
		int sock = RPC_ANYSOCK;

		c[i] = clnttcp_create(&address, PROGRAM, VERSION, &sock, 0, 0);
		if (c[i] == NULL)
			fail("connection");
		c[i]->cl_auth = rpc_gss_seccreate(c[i], service, mechanism, s, NULL, NULL, NULL);
		if (c[i]->cl_auth == NULL)
			fail("context");
	}
	for (turn = 0; turn < 5; turn++)
		for (i = 0; i < CONTEXTS; i++)
			call(c[i], text, (int)strlen(text));
	large = calloc(1, size + 1);
	memset(large, 'x', size);
	call(c[0], large, 0);
	for (i = 0; i < CONTEXTS; i++) {
		auth_destroy(c[i]->cl_auth);
		c[i]->cl_auth = NULL;
		clnt_destroy(c[i]);
	}
	free(large);
	return 0;
}

int main(int argc, char **argv)
{
	alarm(300);
	if (argc == 3 && strcmp(argv[1], "server") == 0)
		return server(argv[2]);
	if (argc >= 6 && strcmp(argv[1], "client") == 0)
		return client(atoi(argv[2]), argv[3], argv[4], argv[5], argc > 6 ? (size_t)atol(argv[6]) : 0);
	fprintf(stderr, "usage: rpcsec-gss server SERVICE\n       rpcsec-gss client PORT SERVICE none|integrity|privacy TEXT "
	    "[SIZE]\n");
	return 2;
}

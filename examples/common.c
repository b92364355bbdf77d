/* SPDX-License-Identifier: BSD-2-Clause */
#include "common.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static const char *program_name = "?";

void start(const char *program)
{
	program_name = program;
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN); /* a peer that goes away is an error of write(2), not our end */
}

static void speak(FILE *out, const char *format, va_list arguments)
{
	fprintf(out, "%-8s [%ld] ", program_name, (long)getpid());
	vfprintf(out, format, arguments);
	fputc('\n', out);
}

void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	speak(stdout, format, arguments);
	va_end(arguments);
}

void die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	speak(stderr, format, arguments);
	va_end(arguments);
	exit(1);
}

/* print_status prints every text of one status code: gss_display_status gives them one at a time. */
static void print_status(OM_uint32 code, int type)
{
	OM_uint32 major, minor, more = 0;
	gss_buffer_desc text;

	do {
		major = gss_display_status(&minor, code, type, GSS_C_NO_OID, &more, &text);
		if (GSS_ERROR(major))
			return;
		fprintf(stderr, "    %.*s\n", (int)text.length, (char *)text.value);
		gss_release_buffer(&minor, &text);
	} while (more != 0);
}

void die_gss(const char *what, OM_uint32 major, OM_uint32 minor)
{
	fprintf(stderr, "%-8s [%ld] %s: %s, minor %lu\n", program_name, (long)getpid(), what, major_name(major),
	    (unsigned long)minor);
	print_status(major, GSS_C_GSS_CODE);
	if (minor != 0)
		print_status(minor, GSS_C_MECH_CODE);
	exit(1);
}

const char *major_name(OM_uint32 major)
{
	static const struct {
		OM_uint32 code;
		const char *name;
	} names[] = {
		{ GSS_S_BAD_MECH, "GSS_S_BAD_MECH" }, { GSS_S_BAD_NAME, "GSS_S_BAD_NAME" },
		{ GSS_S_BAD_NAMETYPE, "GSS_S_BAD_NAMETYPE" }, { GSS_S_BAD_BINDINGS, "GSS_S_BAD_BINDINGS" },
		{ GSS_S_BAD_STATUS, "GSS_S_BAD_STATUS" }, { GSS_S_BAD_SIG, "GSS_S_BAD_SIG" },
		{ GSS_S_NO_CRED, "GSS_S_NO_CRED" }, { GSS_S_NO_CONTEXT, "GSS_S_NO_CONTEXT" },
		{ GSS_S_DEFECTIVE_TOKEN, "GSS_S_DEFECTIVE_TOKEN" },
		{ GSS_S_DEFECTIVE_CREDENTIAL, "GSS_S_DEFECTIVE_CREDENTIAL" },
		{ GSS_S_CREDENTIALS_EXPIRED, "GSS_S_CREDENTIALS_EXPIRED" },
		{ GSS_S_CONTEXT_EXPIRED, "GSS_S_CONTEXT_EXPIRED" }, { GSS_S_FAILURE, "GSS_S_FAILURE" },
		{ GSS_S_BAD_QOP, "GSS_S_BAD_QOP" }, { GSS_S_UNAUTHORIZED, "GSS_S_UNAUTHORIZED" },
		{ GSS_S_UNAVAILABLE, "GSS_S_UNAVAILABLE" },
		{ GSS_S_DUPLICATE_TOKEN, "GSS_S_DUPLICATE_TOKEN" }, { GSS_S_OLD_TOKEN, "GSS_S_OLD_TOKEN" },
		{ GSS_S_UNSEQ_TOKEN, "GSS_S_UNSEQ_TOKEN" }, { GSS_S_GAP_TOKEN, "GSS_S_GAP_TOKEN" },
		{ GSS_S_CONTINUE_NEEDED, "GSS_S_CONTINUE_NEEDED" },
	};
	size_t i;

	if (major == GSS_S_COMPLETE)
		return "GSS_S_COMPLETE";
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (GSS_ERROR(major) ? GSS_ERROR(major) == names[i].code : (major & names[i].code) != 0)
			return names[i].name;
	}
	return "an unknown status";
}

const char *flag_names(OM_uint32 flags)
{
	static const struct {
		OM_uint32 flag;
		const char *name;
	} names[] = {
		{ GSS_C_DELEG_FLAG, "deleg" }, { GSS_C_MUTUAL_FLAG, "mutual" }, { GSS_C_REPLAY_FLAG, "replay" },
		{ GSS_C_SEQUENCE_FLAG, "sequence" }, { GSS_C_CONF_FLAG, "conf" }, { GSS_C_INTEG_FLAG, "integ" },
		{ GSS_C_ANON_FLAG, "anon" }, { GSS_C_PROT_READY_FLAG, "prot-ready" }, { GSS_C_TRANS_FLAG, "trans" },
	};
	static char text[128];
	size_t i;

	text[0] = '\0';
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((flags & names[i].flag) == 0)
			continue;
		if (text[0] != '\0')
			strcat(text, " ");
		strcat(text, names[i].name);
	}
	return text;
}

const char *name_text(gss_name_t name)
{
	static char text[256];
	OM_uint32 major, minor;
	gss_buffer_desc display;

	major = gss_display_name(&minor, name, &display, NULL);
	if (GSS_ERROR(major))
		die_gss("gss_display_name", major, minor);
	snprintf(text, sizeof(text), "%.*s", (int)display.length, (char *)display.value);
	gss_release_buffer(&minor, &display);
	return text;
}

/* write_all and read_all move exactly n octets; read_all returns 0 at the end of the stream. */
static void write_all(int fd, const void *octets, size_t n)
{
	const char *p = octets;
	ssize_t done;

	while (n > 0) {
		done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			die("write: %s", strerror(errno));
		p += done;
		n -= (size_t)done;
	}
}

static int read_all(int fd, void *octets, size_t n)
{
	char *p = octets;
	ssize_t done;

	while (n > 0) {
		done = read(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			die("read: %s", strerror(errno));
		if (done == 0)
			return 0;
		p += done;
		n -= (size_t)done;
	}
	return 1;
}

void send_frame(int fd, enum frame type, const gss_buffer_desc *value)
{
	size_t length = value == NULL ? 0 : value->length;
	unsigned char head[5];

	if (length > FRAME_MAX)
		die("a message of %lu octets is too long", (unsigned long)length);
	head[0] = (unsigned char)type;
	head[1] = (unsigned char)(length >> 24);
	head[2] = (unsigned char)(length >> 16);
	head[3] = (unsigned char)(length >> 8);
	head[4] = (unsigned char)length;
	write_all(fd, head, sizeof(head));
	if (length > 0)
		write_all(fd, value->value, length);
}

enum frame receive_any(int fd, gss_buffer_t value)
{
	unsigned char head[5];

	if (!read_all(fd, head, sizeof(head)))
		die("the other side closed the connection");
	value->length = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
	if (value->length > FRAME_MAX)
		die("the other side announced %lu octets", (unsigned long)value->length);
	value->value = malloc(value->length + 1);
	if (value->value == NULL)
		die("out of memory");
	if (!read_all(fd, value->value, value->length))
		die("the other side closed the connection within a message");
	((char *)value->value)[value->length] = '\0';
	return (enum frame)head[0];
}

void receive_frame(int fd, enum frame expected, gss_buffer_t value)
{
	enum frame type = receive_any(fd, value);

	if (type != expected)
		die("expected a frame of type '%c', got one of type %d", (int)expected, (int)type);
}

int tcp_connect(const char *host, const char *port)
{
	struct addrinfo hints, *list, *a;
	int e, fd = -1;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	e = getaddrinfo(host, port, &hints, &list);
	if (e != 0)
		die("%s: %s", host, gai_strerror(e));
	for (a = list; a != NULL; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0)
			break;
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	freeaddrinfo(list);
	if (fd < 0)
		die("connect to %s port %s: %s", host, port, strerror(errno));
	return fd;
}

int tcp_listen(const char *host, const char *port, unsigned *chosen)
{
	struct addrinfo hints, *list;
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	int e, fd, on = 1;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_PASSIVE;
	e = getaddrinfo(host, port, &hints, &list);
	if (e != 0)
		die("%s: %s", host, gai_strerror(e));
	fd = socket(list->ai_family, list->ai_socktype, list->ai_protocol);
	if (fd < 0)
		die("socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, list->ai_addr, list->ai_addrlen) != 0 || listen(fd, 5) != 0)
		die("listen on %s port %s: %s", host, port, strerror(errno));
	freeaddrinfo(list);
	if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
		die("getsockname: %s", strerror(errno));
	if (address.ss_family == AF_INET6)
		*chosen = ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
	else
		*chosen = ntohs(((struct sockaddr_in *)&address)->sin_port);
	return fd;
}

static void unix_address(struct sockaddr_un *address, const char *path)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(address->sun_path))
		die("%s: the path is too long for a socket", path);
	strcpy(address->sun_path, path);
}

int unix_connect(const char *path)
{
	struct sockaddr_un address;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	unix_address(&address, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		die("connect to %s: %s", path, strerror(errno));
	return fd;
}

int unix_listen(const char *path)
{
	struct sockaddr_un address;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	mode_t before;

	unix_address(&address, path);
	unlink(path);
	before = umask(077); /* who can write to this socket can hand us any context he likes */
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 5) != 0)
		die("listen on %s: %s", path, strerror(errno));
	umask(before);
	return fd;
}

int wait_for_peer(int listener)
{
	int fd;

	do
		fd = accept(listener, NULL, NULL);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		die("accept: %s", strerror(errno));
	return fd;
}

/* The descriptor goes as ancillary data of one octet; the union aligns the control message. */
union control {
	struct cmsghdr head;
	char space[CMSG_SPACE(sizeof(int))];
};

void send_descriptor(int fd, int passed)
{
	struct msghdr message;
	struct cmsghdr *head;
	struct iovec octet;
	union control control;
	char one = 'D';

	memset(&message, 0, sizeof(message));
	memset(&control, 0, sizeof(control));
	octet.iov_base = &one;
	octet.iov_len = 1;
	message.msg_iov = &octet;
	message.msg_iovlen = 1;
	message.msg_control = control.space;
	message.msg_controllen = sizeof(control.space);
	head = CMSG_FIRSTHDR(&message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &passed, sizeof(int));
	if (sendmsg(fd, &message, 0) != 1)
		die("sendmsg: %s", strerror(errno));
}

int receive_descriptor(int fd)
{
	struct msghdr message;
	struct cmsghdr *head;
	struct iovec octet;
	union control control;
	char one;
	int passed;
	ssize_t n;

	memset(&message, 0, sizeof(message));
	octet.iov_base = &one;
	octet.iov_len = 1;
	message.msg_iov = &octet;
	message.msg_iovlen = 1;
	message.msg_control = control.space;
	message.msg_controllen = sizeof(control.space);
	do
		n = recvmsg(fd, &message, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		die("recvmsg: %s", strerror(errno));
	if (n == 0)
		return -1;
	head = CMSG_FIRSTHDR(&message);
	if (head == NULL || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS ||
	    head->cmsg_len != CMSG_LEN(sizeof(int)))
		die("expected a descriptor, got none");
	memcpy(&passed, CMSG_DATA(head), sizeof(int));
	return passed;
}

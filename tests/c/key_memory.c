/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that has exported or deleted its context keeps nothing of its keys, neither in memory nor in a core file: not
 * the session key, the subkeys, what is derived from them, or the key that sealed the token. The token and the ledger do
 * not contain them either. The importer's own context has them, of course, and this program gets from it what to search
 * for.
 *
 * Each process has one task. Those that use the library are forked before the searching one knows any key.
 */
#include "harness.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#ifdef __linux__

/* A request to a process: a letter, and octets. */

struct process {
	pid_t pid;
	int fd;
};

static int all(int fd, void *at, size_t length, int writing)
{
	char *next = at;
	ssize_t n;

	while (length > 0) {
		n = writing ? write(fd, next, length) : read(fd, next, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		next += n;
		length -= (size_t)n;
	}
	return 0;
}

static int put(int fd, char letter, gss_buffer_desc b)
{
	uint32_t length = (uint32_t)b.length;

	return all(fd, &letter, 1, 1) != 0 || all(fd, &length, 4, 1) != 0 || all(fd, b.value, b.length, 1) != 0 ? -1 : 0;
}

static int take(int fd, char *letter, gss_buffer_t b)
{
	uint32_t length;

	if (all(fd, letter, 1, 0) != 0 || all(fd, &length, 4, 0) != 0 || length > 1 << 20)
		return -1;
	b->length = length;
	b->value = calloc(1, length + 1);
	return all(fd, b->value, length, 0);
}

/* append_keys appends the keys of a context to out, each after its length in one octet. */
static OM_uint32 append_keys(gss_ctx_id_t context, gss_buffer_t out)
{
	static const char last[] = "\x08\x09\x0a"; /* message key, subkeys of initiator and acceptor */
	OM_uint32 major = GSS_S_COMPLETE, minor;
	unsigned char *to = calloc(3, 256);
	size_t i, n;

	out->length = 0;
	out->value = to;
	for (i = 0; i < 3 && !GSS_ERROR(major); i++) {
		unsigned char octets[6] = { 0x2a, 0x85, 0x70, 0x2b, 0x0d, (unsigned char)last[i] };
		gss_OID_desc oid = { 6, octets };
		gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;

		major = gss_inquire_sec_context_by_oid(&minor, context, &oid, &set);
		if (GSS_ERROR(major))
			break;
		n = set->elements[0].length - 6; /* after enctype and length */
		to[out->length++] = (unsigned char)n;
		memcpy(to + out->length, (char *)set->elements[0].value + 6, n);
		out->length += n;
		gss_release_buffer_set(&minor, &set);
	}
	return major;
}

/* serve answers requests, with one context. */
static void serve(int fd, const char *target, gss_OID mech)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_name_t name = GSS_C_NO_NAME;
	gss_buffer_desc in, out = GSS_C_EMPTY_BUFFER;
	OM_uint32 major = 0, minor, ignored;
	char letter;

	while (take(fd, &letter, &in) == 0) {
		out.length = 0;
		out.value = NULL;
		switch (letter) {
		case 'i':
			if (name == GSS_C_NO_NAME)
				name = import(target, GSS_C_NT_HOSTBASED_SERVICE);
			major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, name, mech, ALL_FLAGS, 0,
			    GSS_C_NO_CHANNEL_BINDINGS, &in, NULL, &out, NULL, NULL);
			break;
		case 'a':
			major = gss_accept_sec_context(&minor, &context, GSS_C_NO_CREDENTIAL, &in, GSS_C_NO_CHANNEL_BINDINGS, NULL,
			    NULL, &out, NULL, NULL, NULL);
			break;
		case 'w':
			major = gss_wrap(&minor, context, 1, GSS_C_QOP_DEFAULT, &in, NULL, &out);
			break;
		case 'u':
			major = gss_unwrap(&minor, context, &in, &out, NULL, NULL);
			break;
		case 'g':
			major = gss_get_mic(&minor, context, GSS_C_QOP_DEFAULT, &in, &out);
			break;
		case 'e':
			major = gss_export_sec_context(&minor, &context, &out);
			break;
		case 'm':
			major = gss_import_sec_context(&minor, &in, &context);
			break;
		case 'k':
			major = append_keys(context, &out);
			break;
		case 'd':
			major = gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
			break;
		case 'c':
			abort();
		}
		need("a call", major, minor);
		free(in.value);
		if (put(fd, 'r', out) != 0)
			break;
		if (letter == 'k')
			free(out.value);
		else
			gss_release_buffer(&ignored, &out);
	}
	_exit(0);
}

static int ends_here[8], processes;

static struct process start(const char *target, gss_OID mech)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct process p;
	int ends[2];

	fflush(stdout);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		exit(2);
	ends_here[processes++] = ends[0];
	p.pid = fork();
	if (p.pid == 0) {
		while (processes > 0)
			close(ends_here[--processes]);
		(void)setrlimit(RLIMIT_CORE, &unlimited);
		if (chdir(scratch(".")) != 0)
			_exit(2);
		serve(ends[1], target, mech);
	}
	close(ends[1]);
	p.fd = ends[0];
	return p;
}

static gss_buffer_desc ask(const struct process *p, char letter, gss_buffer_desc in)
{
	gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
	char answer;

	if (put(p->fd, letter, in) != 0 || take(p->fd, &answer, &out) != 0) {
		printf("cannot go on: '%c' was not done\n", letter);
		exit(2);
	}
	return out;
}

static int stop(const struct process *p)
{
	int status = 0;

	close(p->fd);
	waitpid(p->pid, &status, 0);
	return status;
}

/* The secrets. Any eight consecutive octets of one count as found. */

#define PART 8

struct part {
	unsigned char octets[PART];
	unsigned secret;
	int next; /* the next one with the same first octets, or -1 */
};

static struct {
	char names[4096][80];
	unsigned secrets;
	struct part *parts;
	int count, room;
	int first[1 << 16];
} known;

static unsigned pair_of(const unsigned char *at) { return (unsigned)at[0] << 8 | at[1]; }

static void forget(void)
{
	memset(known.first, -1, sizeof(known.first));
	known.secrets = 0;
	known.count = 0;
}

static void know(const char *name, const unsigned char *octets, size_t length)
{
	static const unsigned char zeros[PART];
	size_t i;

	if (known.secrets == COUNT(known.names))
		exit(2);
	snprintf(known.names[known.secrets], sizeof(known.names[0]), "%s", name);
	for (i = 0; i + PART <= length; i++) {
		if (memcmp(octets + i, zeros, PART) == 0)
			continue;
		if (known.count == known.room) {
			known.room = known.room * 2 + 1024;
			known.parts = realloc(known.parts, (size_t)known.room * sizeof(*known.parts));
		}
		memcpy(known.parts[known.count].octets, octets + i, PART);
		known.parts[known.count].secret = known.secrets;
		known.parts[known.count].next = known.first[pair_of(octets + i)];
		known.first[pair_of(octets + i)] = known.count++;
	}
	known.secrets++;
}

/* derive asks the tool for what is derived from the keys. */
static void derive(const char *arguments)
{
	char command[4096], line[512], name[80], digits[300];
	unsigned char octets[150];
	const char *kdc = getenv("KDC");
	size_t i;
	FILE *f;

	snprintf(command, sizeof(command), "%s secrets %s", kdc == NULL ? "kdc" : kdc, arguments);
	f = popen(command, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%79s %299s", name, digits) != 2)
			exit(2);
		for (i = 0; i < strlen(digits) / 2; i++) {
			unsigned value;

			sscanf(digits + 2 * i, "%2x", &value);
			octets[i] = (unsigned char)value;
		}
		know(name, octets, i);
	}
	if (f == NULL || pclose(f) != 0 || known.secrets == 0) {
		printf("cannot go on: %s\n", command);
		exit(2);
	}
}

static unsigned finds;
static char found[400];

static void search(const char *where, unsigned long address, const unsigned char *at, size_t length)
{
	size_t i;
	int n;

	for (i = 0; i + PART <= length; i++) {
		for (n = known.first[pair_of(at + i)]; n >= 0; n = known.parts[n].next) {
			if (memcmp(at + i, known.parts[n].octets, PART) != 0)
				continue;
			if (finds++ == 0)
				snprintf(found, sizeof(found), "%s in %s", known.names[known.parts[n].secret], where);
			if (getenv("FIGURES") != NULL)
				fprintf(stderr, "%#lx %s: %s\n", address + i, where, known.names[known.parts[n].secret]);
			i += PART - 1;
			break;
		}
	}
}

static void search_file(const char *path)
{
	enum { size = 1 << 20 };
	static unsigned char octets[size];
	unsigned long at = 0;
	size_t have = 0, n;
	FILE *f = fopen(path, "rb");

	if (f == NULL) {
		printf("cannot go on: %s cannot be read\n", path);
		exit(2);
	}
	while ((n = fread(octets + have, 1, size - have, f)) > 0) {
		have += n;
		search(path, at, octets, have);
		if (have < PART)
			continue;
		memmove(octets, octets + have - (PART - 1), PART - 1);
		at += have - (PART - 1);
		have = PART - 1;
	}
	fclose(f);
}

/* search_process reads all mapped memory of a process, which is waiting for a request. */
static size_t search_process(const struct process *p)
{
	enum { size = 1 << 20 };
	static unsigned char octets[size + PART];
	char path[64], line[512], rights[8], name[400];
	unsigned long from, to, at;
	size_t total = 0;
	ssize_t n;
	FILE *maps;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/maps", (long)p->pid);
	maps = fopen(path, "r");
	snprintf(path, sizeof(path), "/proc/%ld/mem", (long)p->pid);
	fd = open(path, O_RDONLY);
	if (maps == NULL || fd < 0)
		return 0;
	while (fgets(line, sizeof(line), maps) != NULL) {
		name[0] = '\0';
		if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %399s", &from, &to, rights, name) < 3 || rights[0] != 'r' ||
		    strcmp(name, "[vvar]") == 0 || strcmp(name, "[vsyscall]") == 0)
			continue;
		for (at = from; at < to; at += size) {
			n = pread(fd, octets, to - at < size + PART - 1 ? to - at : size + PART - 1, (off_t)at);
			if (n <= 0)
				break;
			total += (size_t)n;
			search(name[0] != '\0' ? name : "its memory", at, octets, (size_t)n);
		}
	}
	fclose(maps);
	close(fd);
	return total;
}

static void nothing(const char *where, const struct enctype *e)
{
	check(finds == 0, "%s, %s: %u finds, the first is %s", e->name, where, finds, found);
	finds = 0;
}

/* ledger_of finds the ledger of a process. */
static int ledger_of(const struct process *p, char *path, size_t size)
{
	char maps[64], line[512], name[400];
	int there = 0;
	FILE *f;

	snprintf(maps, sizeof(maps), "/proc/%ld/maps", (long)p->pid);
	f = fopen(maps, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%*s %*s %*s %*s %*s %399s", name) != 1 || strstr(name, "libgssapi-") == NULL ||
		    strlen(name) < 7 || strcmp(name + strlen(name) - 7, "/ledger") != 0)
			continue;
		snprintf(path, size, "%s", name);
		there = 1;
	}
	if (f != NULL)
		fclose(f);
	return there;
}

/* know_ledger adds the keys of all tokens in transit to the secrets. */
static void know_ledger(const char *path)
{
	unsigned char slot[64];
	FILE *f = fopen(path, "rb");

	/* The first slot is the header; a slot's key follows its first word. */
	if (f == NULL || fread(slot, 64, 1, f) != 1)
		exit(2);
	while (fread(slot, 64, 1, f) == 1)
		know("key of a token", slot + 8, 32);
	fclose(f);
}

static void once(const struct enctype *e, gss_OID mech, int core)
{
	gss_buffer_desc none = GSS_C_EMPTY_BUFFER, text = buffer("a message of more than two blocks of AES, all in all"), t, u;
	struct process init = start(e->service, mech), accept = start(NULL, NULL), moved = start(NULL, NULL);
	char arguments[2048], ledger[400];
	const unsigned char *key;
	size_t i;

	forget();
	t = ask(&init, 'i', none);
	u = ask(&accept, 'a', t);
	t = ask(&init, 'i', u);
	if (t.length > 0) { /* SPNEGO's last token */
		u = ask(&accept, 'a', t);
		if (u.length > 0)
			ask(&init, 'i', u);
	}
	/* All kinds of messages, for all derived keys. */
	t = ask(&init, 'w', text);
	u = ask(&accept, 'u', t);
	check(same(&text, &u), "the message is another");
	t = ask(&accept, 'w', text);
	u = ask(&init, 'u', t);
	check(same(&text, &u), "the answer is another");
	ask(&accept, 'g', text);
	ask(&init, 'g', text);

	t = ask(&accept, 'e', none);
	check(ledger_of(&accept, ledger, sizeof(ledger)), "the exporter has no ledger");
	know_ledger(ledger);
	ask(&moved, 'm', t);
	u = ask(&moved, 'k', none);
	snprintf(arguments, sizeof(arguments), "-c %s", getenv("KRB5CCNAME"));
	for (key = u.value; key < (unsigned char *)u.value + u.length; key += 1 + key[0]) {
		snprintf(arguments + strlen(arguments), sizeof(arguments) - strlen(arguments), " %d:",
		    17 + (int)(e - enctypes));
		for (i = 1; i <= key[0]; i++)
			snprintf(arguments + strlen(arguments), sizeof(arguments) - strlen(arguments), "%02x", key[i]);
	}
	derive(arguments);

	/* The search finds keys that exist. */
	check(search_process(&moved) > 1 << 20 && finds >= 3, "%s: %u finds in the importer", e->name, finds);
	finds = 0;
	search("the token", 0, t.value, t.length);
	nothing("token", e);
	search_file(ledger);
	nothing("ledger", e);
	check(search_process(&accept) > 1 << 20, "the exporter's memory cannot be read");
	nothing("exporter", e);
	ask(&init, 'd', none);
	check(search_process(&init) > 1 << 20, "the initiator's memory cannot be read");
	nothing("initiator after the deletion", e);
	if (core) {
		char path[1024];
		int status;

		(void)put(accept.fd, 'c', none);
		status = stop(&accept);
		check(WIFSIGNALED(status), "the exporter has not died");
		snprintf(path, sizeof(path), "%s", scratch("core"));
		if (access(path, R_OK) != 0) /* kernel.core_uses_pid */
			snprintf(path, sizeof(path), "%s.%ld", scratch("core"), (long)accept.pid);
		search_file(path);
		unlink(path);
		nothing("core file of the exporter", e);
	} else {
		stop(&accept);
	}
	stop(&init);
	stop(&moved);
}

/* The kernel may pass core files to a program instead. */
static int has_core_files(void)
{
	char pattern[256] = "|";
	FILE *f = fopen("/proc/sys/kernel/core_pattern", "r");

	if (f != NULL) {
		if (fgets(pattern, sizeof(pattern), f) == NULL)
			pattern[0] = '|';
		fclose(f);
	}
	return strcmp(pattern, "core\n") == 0;
}

int main(void)
{
	/* For a longer search: KEY_ROUNDS=200. */
	int rounds = getenv("KEY_ROUNDS") != NULL ? atoi(getenv("KEY_ROUNDS")) : 2, n;
	char settings[2048], dir[1024];
	int status = -1;
	pid_t pid;
	size_t i;

	begin(rounds < 10 ? 170 : 3600);
	signal(SIGPIPE, SIG_IGN);
	snprintf(dir, sizeof(dir), "%s", scratch("ledgers"));
	if (mkdir(dir, 0755) != 0)
		return 2;
	for (i = 0; i < COUNT(enctypes); i++) {
		snprintf(settings, sizeof(settings), "[libdefaults]\n\tpermitted_enctypes = %s\n[libgssapi]\n"
		    "\tledger_directory = %s\n", enctypes[i].name, dir);
		with_config(settings);
		snprintf(settings, sizeof(settings), "FILE:%s", scratch(enctypes[i].cache));
		setenv("KRB5CCNAME", settings, 1);
		for (n = 0; n < rounds; n++) {
			fflush(stdout);
			pid = fork();
			if (pid == 0) {
				alarm(100);
				once(&enctypes[i], n % 2 == 0 ? &krb5_mech : &spnego_mech, n == 0 && has_core_files());
				_exit(end());
			}
			check(waitpid(pid, &status, 0) == pid && status == 0, "%s: round %d ended with %#x", enctypes[i].name, n,
			    (unsigned)status);
		}
		fact("%s: done", enctypes[i].name);
	}
	return end();
}

#else

int main(void)
{
	/* On FreeBSD /proc is not mounted by default, and reading another process needs ptrace(2). The same things are wiped. */
	fact("skipped: the memory of a process cannot be read here");
	return 0;
}

#endif

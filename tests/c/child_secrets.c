/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A child that has not used the library has neither the activation ledger nor the service's keys of its parent, whatever
 * its rights. A parent that has given up its rights to the ledger no longer has it either. The test reads the memory of
 * these processes from outside, which only Linux allows without further rights.
 */
#define _GNU_SOURCE
#include "harness.h"

#include <signal.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

#ifdef __linux__

#define NOBODY 65534
#define MASK 0x5a
#define PIECE (1 << 16)

/* The keys of the keytab, masked, so that they are not in this program's own memory. */
static unsigned char keytab[64 << 10];
static size_t keytab_size;

static struct key {
	size_t at, size;
} keys[64];
static unsigned key_count;
static char begins[256]; /* nonzero if a key begins with this octet */

static unsigned number(size_t at, int octets)
{
	unsigned n = 0;

	while (octets-- > 0)
		n = n << 8 | (unsigned)(keytab[at++] ^ MASK);
	return n;
}

static void read_keytab(void)
{
	const char *name = getenv("KRB5_KTNAME");
	size_t at, p;
	unsigned i, n, length;
	int fd;

	fd = name == NULL ? -1 : open(strncmp(name, "FILE:", 5) == 0 ? name + 5 : name, O_RDONLY);
	while (fd >= 0 && keytab_size < sizeof(keytab) && read(fd, keytab + keytab_size, 1) == 1)
		keytab[keytab_size++] ^= MASK;
	close(fd);
	for (at = 2; at + 4 <= keytab_size && key_count < COUNT(keys); at += 4 + length) {
		length = number(at, 4);
		if (length == 0 || length > keytab_size - at)
			break;
		p = at + 4;
		n = number(p, 2) + 1; /* components and realm */
		p += 2;
		for (i = 0; i < n; i++)
			p += 2 + number(p, 2);
		p += 4 + 4 + 1 + 2; /* type of name, time, version, enctype */
		keys[key_count].at = p + 2;
		keys[key_count].size = number(p, 2);
		begins[keytab[keys[key_count++].at] ^ MASK] = 1;
	}
}

/* is_key reports whether these octets are a key. */
static int is_key(const unsigned char *b, size_t left)
{
	unsigned i;
	size_t j;

	for (i = 0; i < key_count; i++) {
		for (j = 0; j < keys[i].size && j < left && (b[j] ^ MASK) == keytab[keys[i].at + j]; j++)
			;
		if (j == keys[i].size)
			return 1;
	}
	return 0;
}

struct finds {
	int ledgers, keys, mappings;
};

static struct finds look(pid_t pid)
{
	/* The examined processes do not read the keytab: a child would inherit what was read. */
	static unsigned char chunk[PIECE + 32];
	struct finds f = { 0, 0, 0 };
	unsigned long from, to;
	char path[64], line[512], mode[8];
	FILE *maps;
	ssize_t n, i;
	int mem;

	snprintf(path, sizeof(path), "/proc/%ld/maps", (long)pid);
	maps = fopen(path, "r");
	snprintf(path, sizeof(path), "/proc/%ld/mem", (long)pid);
	mem = open(path, O_RDONLY);
	while (maps != NULL && mem >= 0 && fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3)
			continue;
		f.mappings++;
		f.ledgers += strstr(line, "/libgssapi-") != NULL && strstr(line, "/ledger") != NULL;
		for (; mode[0] == 'r' && mode[1] == 'w' && from < to; from += PIECE) {
			n = pread(mem, chunk, to - from < sizeof(chunk) ? to - from : sizeof(chunk), (off_t)from);
			if (n <= 0)
				break;
			for (i = 0; i < n; i++)
				if (chunk[i] != 0 && begins[chunk[i]])
					f.keys += is_key(chunk + i, (size_t)(n - i));
		}
	}
	if (maps != NULL)
		fclose(maps);
	close(mem);
	memset(chunk, 0, sizeof(chunk));
	check(f.mappings > 0, "the memory of a process cannot be looked at");
	return f;
}

static pid_t children[2];

/* a child that does nothing; with other rights if it can have them, which it has when start returns. */
static pid_t start(int other)
{
	int ends[2];
	char is = 0;
	pid_t pid;

	if (pipe(ends) != 0)
		exit(2);
	pid = fork();
	if (pid != 0) {
		close(ends[1]);
		check(read(ends[0], &is, 1) == 1, "a child has not begun");
		close(ends[0]);
		return pid;
	}
	alarm(60);
	if ((other && geteuid() == 0 && setuid(NOBODY) != 0) || write(ends[1], &is, 1) != 1)
		_exit(2);
	for (;;)
		pause();
}

int main(void)
{
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 minor;
	struct finds f;
	struct pair p;
	unsigned i;

	begin(120);
	read_keytab();
	check(key_count > 0, "no key in the keytab");
	need_pair(&p, NULL);
	need("export", gss_export_sec_context(&minor, &p.init, &token), minor);
	fflush(stdout);
	for (i = 0; i < COUNT(children); i++)
		children[i] = start(i == 1);
	for (i = 0; i < COUNT(children); i++) {
		f = look(children[i]);
		check(f.ledgers == 0, "child-cannot-read-ledger: child %u has it", i);
		check(f.keys == 0, "child-has-no-service-key: child %u has %d", i, f.keys);
		kill(children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
	}
	/* A child of the parent examines the parent's memory. */
	for (i = 0; i < 2; i++) {
		pid_t watcher = fork(), parent;
		int status = -1;

		if (watcher == 0) {
			parent = getppid();
			if (geteuid() != getuid() && seteuid(getuid()) != 0)
				_exit(2);
			f = look(parent);
			_exit(f.ledgers + 16 * (f.keys != 0) + 32 * (f.mappings == 0));
		}
		waitpid(watcher, &status, 0);
		check(WIFEXITED(status) && WEXITSTATUS(status) == (i == 0),
		    i == 0 ? "the exporter: %#x" : "ledger-goes-with-the-rights: %#x", (unsigned)status);
		if (getuid() != 0 || i == 1)
			break;
		if (seteuid(NOBODY) != 0)
			return 2;
		gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_BOTH, &cred, NULL, NULL);
		gss_release_cred(&minor, &cred);
	}
	if (getuid() == 0 && seteuid(0) != 0)
		return 2;
	gss_release_buffer(&minor, &token);
	release_pair(&p);
	fact("children and rights: done");
	return end();
}

#else

int main(void)
{
	begin(10);
	fact("children and rights: done");
	return end();
}

#endif

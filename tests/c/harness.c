/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness.h"

#include "copies.h"

#include <ctype.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

gss_OID_desc krb5_mech = { 9, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" };
gss_OID_desc spnego_mech = { 6, (void *)"\x2b\x06\x01\x05\x05\x02" };
gss_OID_desc unknown_mech = { 7, (void *)"\x2b\x06\x01\x04\x01\x87\x67" };
gss_OID_desc principal_name = { 10, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01" };

const struct enctype enctypes[4] = {
	{ "aes128-cts-hmac-sha1-96", "aes17@localhost", "cc.aes17" },
	{ "aes256-cts-hmac-sha1-96", "aes18@localhost", "cc.aes18" },
	{ "aes128-cts-hmac-sha256-128", "aes19@localhost", "cc.aes19" },
	{ "aes256-cts-hmac-sha384-192", "aes20@localhost", "cc.aes20" },
};

static int failures;

/* room returns the next of a few static buffers. */
#define ROOM 4096
static char *room(void)
{
	static char rooms[8][ROOM];
	static int next;

	next = (next + 1) % 8;
	rooms[next][0] = '\0';
	return rooms[next];
}

static void append(char *text, const char *format, ...)
{
	size_t used = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + used, ROOM - used, format, arguments);
	va_end(arguments);
}

static void too_late(int signal_number)
{
	static const char text[] = "the limit of time is over\n";
	ssize_t ignored = write(1, text, sizeof(text) - 1);

	(void)ignored;
	(void)signal_number;
	_exit(3);
}

#define MOMENT 20 /* seconds: a program with this limit or less takes milliseconds, unless it hangs */
#define LEAST 160 /* for all others: the script that starts the program waits a little longer */

void begin(unsigned seconds)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGALRM, too_late);
	alarm(seconds <= MOMENT || seconds > LEAST ? seconds : LEAST);
}

int end(void)
{
	if (failures > 0)
		printf("%d checks failed\n", failures);
	return failures > 0;
}

void fact(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

void check(int holds, const char *format, ...)
{
	va_list arguments;

	if (holds)
		return;
	failures++;
	printf("FAILED: ");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

int result(const char *what, OM_uint32 major)
{
	fact("%s: %s", what, major_text(major));
	return !GSS_ERROR(major);
}

int result_minor(const char *what, OM_uint32 major, OM_uint32 minor)
{
	fact("%s: %s, minor %lu", what, major_text(major), (unsigned long)minor);
	return !GSS_ERROR(major);
}

void need(const char *what, OM_uint32 major, OM_uint32 minor)
{
	OM_uint32 ignored, more;
	gss_buffer_desc text;
	int type;

	if (!GSS_ERROR(major))
		return;
	printf("cannot go on: %s: %s, minor %lu\n", what, major_text(major), (unsigned long)minor);
	for (type = GSS_C_GSS_CODE; type <= GSS_C_MECH_CODE; type++) {
		more = 0;
		if (GSS_ERROR(gss_display_status(&ignored, type == GSS_C_GSS_CODE ? major : minor, type, &krb5_mech,
		    &more, &text)))
			continue;
		printf("    %s\n", quoted(&text));
		gss_release_buffer(&ignored, &text);
	}
	exit(2);
}

const char *major_text(OM_uint32 major)
{
	static const char *const calling[] = {
		"", "GSS_S_CALL_INACCESSIBLE_READ", "GSS_S_CALL_INACCESSIBLE_WRITE", "GSS_S_CALL_BAD_STRUCTURE",
	};
	static const char *const routine[] = {
		"", "GSS_S_BAD_MECH", "GSS_S_BAD_NAME", "GSS_S_BAD_NAMETYPE", "GSS_S_BAD_BINDINGS", "GSS_S_BAD_STATUS",
		"GSS_S_BAD_SIG", "GSS_S_NO_CRED", "GSS_S_NO_CONTEXT", "GSS_S_DEFECTIVE_TOKEN",
		"GSS_S_DEFECTIVE_CREDENTIAL", "GSS_S_CREDENTIALS_EXPIRED", "GSS_S_CONTEXT_EXPIRED", "GSS_S_FAILURE",
		"GSS_S_BAD_QOP", "GSS_S_UNAUTHORIZED", "GSS_S_UNAVAILABLE", "GSS_S_DUPLICATE_ELEMENT",
		"GSS_S_NAME_NOT_MN", "GSS_S_BAD_MECH_ATTR",
	};
	static const char *const supplementary[] = {
		"GSS_S_CONTINUE_NEEDED", "GSS_S_DUPLICATE_TOKEN", "GSS_S_OLD_TOKEN", "GSS_S_UNSEQ_TOKEN",
		"GSS_S_GAP_TOKEN",
	};
	char *text = room();
	unsigned c = major >> 24 & 0xff, r = major >> 16 & 0xff, s = major & 0xffff, i;

	if (major == GSS_S_COMPLETE)
		return "GSS_S_COMPLETE";
	if (c != 0)
		append(text, "|%s", c < COUNT(calling) ? calling[c] : "calling error ?");
	if (r != 0)
		append(text, "|%s", r < COUNT(routine) ? routine[r] : "routine error ?");
	for (i = 0; i < 16; i++) {
		if ((s & 1u << i) != 0)
			append(text, "|%s", i < COUNT(supplementary) ? supplementary[i] : "supplementary bit ?");
	}
	return text + 1;
}

const char *flags_text(OM_uint32 flags)
{
	static const char *const names[] = {
		"deleg", "mutual", "replay", "sequence", "conf", "integ", "anon", "prot-ready", "trans",
	};
	char *text = room();
	unsigned i;

	for (i = 0; i < 32; i++) {
		if ((flags & (OM_uint32)1 << i) == 0)
			continue;
		if (i < COUNT(names))
			append(text, " %s", names[i]);
		else
			append(text, " 0x%lx", (unsigned long)1 << i);
	}
	return text[0] == '\0' ? "none" : text + 1;
}

const char *oid_text(gss_OID oid)
{
	static const struct {
		unsigned length;
		const char *octets, *name;
	} known[] = {
		{ 9, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02", "krb5" },
		{ 10, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01", "krb5-principal" },
		{ 6, "\x2b\x06\x01\x05\x05\x02", "spnego" },
		{ 10, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x01", "user-name" },
		{ 10, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x02", "machine-uid" },
		{ 10, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x03", "string-uid" },
		{ 10, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04", "hostbased" },
		{ 6, "\x2b\x06\x01\x05\x06\x02", "hostbased-x" },
		{ 6, "\x2b\x06\x01\x05\x06\x03", "anonymous" },
		{ 6, "\x2b\x06\x01\x05\x06\x04", "export-name" },
	};
	size_t i;

	if (oid == GSS_C_NO_OID)
		return "no OID";
	for (i = 0; i < COUNT(known); i++) {
		if (oid->length == known[i].length && memcmp(oid->elements, known[i].octets, oid->length) == 0)
			return known[i].name;
	}
	return hex(oid->elements, oid->length);
}

const char *quoted(const gss_buffer_desc *b)
{
	const unsigned char *octets = b->value;
	char *text = room();
	size_t i;

	append(text, "\"");
	for (i = 0; i < b->length && i < 900; i++) {
		if (isprint(octets[i]) && octets[i] != '\\' && octets[i] != '"')
			append(text, "%c", octets[i]);
		else
			append(text, "\\x%02x", octets[i]);
	}
	append(text, "\"");
	return text;
}

const char *hex(const void *octets, size_t length)
{
	char *text = room();
	size_t i;

	for (i = 0; i < length && i < 1000; i++)
		append(text, "%02x", ((const unsigned char *)octets)[i]);
	return text;
}

const char *name_text(gss_name_t name)
{
	gss_buffer_desc display;
	gss_OID type = GSS_C_NO_OID;
	OM_uint32 major, minor;
	char *text = room();

	if (name == GSS_C_NO_NAME)
		return "no name";
	major = gss_display_name(&minor, name, &display, &type);
	if (GSS_ERROR(major))
		return major_text(major);
	append(text, "%s (%s)", quoted(&display), oid_text(type));
	gss_release_buffer(&minor, &display);
	return text;
}

const char *lifetime_text(OM_uint32 seconds)
{
	return seconds == 0 ? "0" : seconds == GSS_C_INDEFINITE ? "indefinite" : "some";
}

const char *set_text(gss_OID_set set)
{
	char *text = room();
	size_t i;

	if (set == GSS_C_NO_OID_SET)
		return "no set";
	append(text, "{");
	for (i = 0; i < set->count; i++)
		append(text, " %s", oid_text(&set->elements[i]));
	append(text, " }");
	return text;
}

gss_buffer_desc buffer(const char *text)
{
	gss_buffer_desc b;

	b.value = (void *)text;
	b.length = strlen(text);
	return b;
}

gss_buffer_desc copy_of(const void *octets, size_t length)
{
	gss_buffer_desc b;

	b.length = length;
	b.value = malloc(length == 0 ? 1 : length);
	if (b.value == NULL)
		abort();
	memcpy(b.value, octets, length);
	return b;
}

gss_name_t import(const char *text, gss_OID type)
{
	gss_buffer_desc b = buffer(text);
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	major = gss_import_name(&minor, &b, type, &name);
	need(text, major, minor);
	return name;
}

int same(const gss_buffer_desc *a, const gss_buffer_desc *b)
{
	return a->length == b->length && (a->length == 0 || memcmp(a->value, b->value, a->length) == 0);
}

int establish(struct pair *p, const struct options *o)
{
	static const struct options defaults;
	gss_buffer_desc to_accept = GSS_C_EMPTY_BUFFER, to_init = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	gss_name_t target;

	memset(p, 0, sizeof(*p));
	if (o == NULL)
		o = &defaults;
	target = import(o->target == NULL ? SERVICE : o->target, GSS_C_NT_HOSTBASED_SERVICE);
	p->init_major = p->accept_major = GSS_S_CONTINUE_NEEDED;
	while (p->tokens < 10) {
		p->init_major = gss_init_sec_context(&p->init_minor, o->init_cred, &p->init, target, o->mech, o->flags,
		    o->time, o->init_bindings, &to_init, &p->init_mech, &to_accept, &p->init_flags, &p->init_time);
		gss_release_buffer(&minor, &to_init);
		if (GSS_ERROR(p->init_major) || to_accept.length == 0)
			break;
		p->tokens++;
		if (p->source != GSS_C_NO_NAME)
			gss_release_name(&minor, &p->source);
		p->accept_major = gss_accept_sec_context(&p->accept_minor, &p->accept, o->accept_cred, &to_accept,
		    o->accept_bindings, &p->source, &p->accept_mech, &to_init, &p->accept_flags, &p->accept_time,
		    &p->delegated);
		gss_release_buffer(&minor, &to_accept);
		if (GSS_ERROR(p->accept_major))
			break;
		if (to_init.length == 0)
			break;
		p->tokens++;
		if ((p->init_major & GSS_S_CONTINUE_NEEDED) == 0)
			break;
	}
	gss_release_buffer(&minor, &to_init);
	gss_release_buffer(&minor, &to_accept);
	gss_release_name(&minor, &target);
	return p->init_major == GSS_S_COMPLETE && p->accept_major == GSS_S_COMPLETE;
}

void need_pair(struct pair *p, const struct options *o)
{
	static const struct options all = { .flags = ALL_FLAGS };

	if (establish(p, o == NULL ? &all : o))
		return;
	need("gss_init_sec_context", p->init_major, p->init_minor);
	need("gss_accept_sec_context", p->accept_major, p->accept_minor);
	printf("cannot go on: the context is not complete\n");
	exit(2);
}

void release_pair(struct pair *p)
{
	OM_uint32 minor;

	if (p->init != GSS_C_NO_CONTEXT)
		gss_delete_sec_context(&minor, &p->init, GSS_C_NO_BUFFER);
	if (p->accept != GSS_C_NO_CONTEXT)
		gss_delete_sec_context(&minor, &p->accept, GSS_C_NO_BUFFER);
	if (p->source != GSS_C_NO_NAME)
		gss_release_name(&minor, &p->source);
	if (p->delegated != GSS_C_NO_CREDENTIAL)
		gss_release_cred(&minor, &p->delegated);
}

gss_buffer_desc first_token(gss_ctx_id_t *context, OM_uint32 flags)
{
	gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor, ignored;

	*context = GSS_C_NO_CONTEXT;
	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, context, target, GSS_C_NO_OID, flags, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
	need("gss_init_sec_context", major, minor);
	gss_release_name(&ignored, &target);
	return token;
}

gss_buffer_desc wrapped(gss_ctx_id_t context, int conf, const char *text)
{
	gss_buffer_desc message = buffer(text), token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_wrap(&minor, context, conf, GSS_C_QOP_DEFAULT, &message, NULL, &token);
	need("gss_wrap", major, minor);
	return token;
}

gss_buffer_desc mic_of(gss_ctx_id_t context, const char *text)
{
	gss_buffer_desc message = buffer(text), token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_get_mic(&minor, context, GSS_C_QOP_DEFAULT, &message, &token);
	need("gss_get_mic", major, minor);
	return token;
}

const char *scratch(const char *name)
{
	const char *dir = getenv("TEST_DIR");
	char *text = room();

	append(text, "%s/%s", dir == NULL ? "." : dir, name);
	return text;
}

static FILE *must_open(const char *path, const char *mode)
{
	FILE *f = fopen(path, mode);

	if (f == NULL) {
		perror(path);
		exit(2);
	}
	return f;
}

void copy_file(const char *from, const char *to)
{
	FILE *in = must_open(from, "rb"), *out;
	char octets[4096];
	size_t n;

	unlink(to); /* a new file, not new octets in the old one */
	out = must_open(to, "wb");
	while ((n = fread(octets, 1, sizeof(octets), in)) > 0)
		fwrite(octets, 1, n, out);
	fclose(in);
	if (fclose(out) != 0) {
		perror(to);
		exit(2);
	}
}

void with_config(const char *text)
{
	static char original[ROOM];
	static int generation;
	char *list = room(), *name = room();
	FILE *f;

	if (original[0] == '\0')
		snprintf(original, sizeof(original), "%s", getenv("KRB5_CONFIG") == NULL ? "" : getenv("KRB5_CONFIG"));
	if (text[0] == '\0') {
		setenv("KRB5_CONFIG", original, 1);
		return;
	}
	append(name, "krb5.%d.conf", ++generation);
	f = must_open(scratch(name), "w");
	fputs(text, f);
	fclose(f);
	append(list, "%s:%s", scratch(name), original);
	setenv("KRB5_CONFIG", list, 1);
}

void with_login(const char *cache)
{
	static int generation;
	char *name = room(), *value = room();

	append(name, "cc.%d", ++generation);
	copy_file(scratch(cache), scratch(name));
	append(value, "FILE:%s", scratch(name));
	setenv("KRB5CCNAME", value, 1);
}

void with_enctype(const struct enctype *e)
{
	char *text = room();

	if (e != NULL)
		append(text, "[libdefaults]\n\tpermitted_enctypes = %s\n", e->name);
	with_config(text);
	with_login(e == NULL ? "cc.tgt" : e->cache);
}

pid_t raw_fork(void)
{
#if defined(__linux__)
	return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
#elif defined(__FreeBSD__)
	return rfork(RFPROC | RFFDG);
#else
	return fork();
#endif
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void pause_for(double seconds)
{
	struct timespec t;

	t.tv_sec = (time_t)seconds;
	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	while (nanosleep(&t, &t) != 0)
		continue;
}

int says(OM_uint32 minor, const char *words)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 ignored, more = 0;
	int found;

	if (gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &text) != GSS_S_COMPLETE)
		return 0;
	found = strstr(text.value, words) != NULL;
	if (!found || getenv("FIGURES") != NULL)
		fprintf(stderr, "%.*s\n", (int)text.length, (char *)text.value);
	gss_release_buffer(&ignored, &text);
	return found;
}

/* The key of messages: 1.2.840.113554.1.2.2.5.5. */
static gss_OID_desc session_key = {11, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x05"};

size_t masked_key(gss_ctx_id_t context, unsigned char masked[64])
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	OM_uint32 major, minor;
	unsigned char *key;
	size_t i, length;

	major = gss_inquire_sec_context_by_oid(&minor, context, &session_key, &set);
	need("gss_inquire_sec_context_by_oid", major, minor);
	key = set->elements[0].value;
	length = set->elements[0].length;
	for (i = 0; i < length; i++) {
		masked[i] = (unsigned char)~key[i];
		key[i] = 0;
	}
	gss_release_buffer_set(&minor, &set);
	return length;
}

int copies_in_memory(const unsigned char *masked, size_t length)
{
	return copies_of(masked, length);
}

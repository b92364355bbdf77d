/* SPDX-License-Identifier: BSD-2-Clause */
#include "condition.h"

#include <sys/resource.h>

#include <ctype.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

#define USUAL_LIMIT 12.0 /* a call that asks no KDC takes milliseconds on a machine that is not busy; by default a silent one has more */

static int failed, passed;
static double limit_seconds = USUAL_LIMIT;

static struct {
	const char *name;
	char value[1024];
	int is_set;
} environment[] = {
	{ "KRB5_CONFIG", "", 0 }, { "KRB5_KTNAME", "", 0 }, { "KRB5CCNAME", "", 0 }, { "KRB5RCACHENAME", "", 0 },
	{ "KRB5RCACHEDIR", "", 0 }, { "KRB5RCACHETYPE", "", 0 }, { "KRB5_CLIENT_KTNAME", "", 0 }, { "TMPDIR", "", 0 },
};

void start(unsigned seconds)
{
	const char *value;
	size_t i;

	begin(seconds);
	for (i = 0; i < COUNT(environment); i++) {
		value = getenv(environment[i].name);
		environment[i].is_set = value != NULL;
		snprintf(environment[i].value, sizeof(environment[i].value), "%s", value == NULL ? "" : value);
	}
}

void sane(void)
{
	size_t i;

	for (i = 0; i < COUNT(environment); i++) {
		if (environment[i].is_set)
			setenv(environment[i].name, environment[i].value, 1);
		else
			unsetenv(environment[i].name);
	}
}

const char *plain(const char *variable)
{
	size_t i;

	for (i = 0; i < COUNT(environment); i++) {
		if (strcmp(environment[i].name, variable) == 0)
			return environment[i].value;
	}
	return "";
}

void set(const char *variable, const char *format, ...)
{
	char value[4096];
	va_list arguments;

	if (format == NULL) {
		unsetenv(variable);
		return;
	}
	va_start(arguments, format);
	vsnprintf(value, sizeof(value), format, arguments);
	va_end(arguments);
	setenv(variable, value, 1);
}

void limit(double seconds)
{
	limit_seconds = seconds == 0 ? USUAL_LIMIT : seconds;
}

long peak(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return 0;
	return usage.ru_maxrss;
}

void verdict(const char *name, int holds, const char *format, ...)
{
	va_list arguments;

	if (holds) {
		passed++;
		printf("ok %s\n", name);
		return;
	}
	failed++;
	printf("not ok %s: ", name);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

void skip(const char *name, const char *reason)
{
	printf("skip %s: %s\n", name, reason);
}

int finish(long most)
{
	verdict("memory", peak() <= most, "%ld KiB, at most %ld are due", peak(), most);
	return failed > 0 || passed == 0;
}

int went_on(const char **why)
{
	struct pair p;
	gss_buffer_desc message = GSS_C_EMPTY_BUFFER, token;
	OM_uint32 major, minor, ignored;
	static const struct options all = { .flags = ALL_FLAGS };

	*why = NULL;
	if (!establish(&p, &all)) {
		*why = GSS_ERROR(p.init_major) ? status_text(p.init_major, p.init_minor) :
		    status_text(p.accept_major, p.accept_minor);
	} else {
		token = wrapped(p.init, 1, "message");
		major = gss_unwrap(&minor, p.accept, &token, &message, NULL, NULL);
		if (major != GSS_S_COMPLETE || message.length != 7)
			*why = status_text(major, minor);
		gss_release_buffer(&ignored, &message);
		gss_release_buffer(&ignored, &token);
	}
	release_pair(&p);
	return *why == NULL;
}

/* contains tells whether text has word, whatever the case of letters. */
static int contains(const char *text, const char *word, size_t length)
{
	size_t i;

	for (; *text != '\0'; text++) {
		for (i = 0; i < length && tolower((unsigned char)text[i]) == tolower((unsigned char)word[i]); i++)
			;
		if (i == length)
			return 1;
	}
	return length == 0;
}

const char *words(const char *format, ...)
{
	static char text[2048];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return text;
}

const char *status_text(OM_uint32 major, OM_uint32 minor)
{
	static char texts[4][4096];
	static int next;
	char *text = texts[next++ % 4];
	size_t used;
	OM_uint32 ignored, more;
	gss_buffer_desc part;
	int type;

	used = (size_t)snprintf(text, 4096, "%s, minor 0x%08lx", major_text(major), (unsigned long)minor);
	for (type = GSS_C_GSS_CODE; type <= GSS_C_MECH_CODE; type++) {
		more = 0;
		do {
			if (GSS_ERROR(gss_display_status(&ignored, type == GSS_C_GSS_CODE ? major : minor, type,
			    &krb5_mech, &more, &part)))
				break;
			if (used + part.length + 8 < 4096)
				used += (size_t)snprintf(text + used, 4096 - used, ", \"%.*s\"", (int)part.length,
				    (const char *)part.value);
			gss_release_buffer(&ignored, &part);
		} while (more != 0);
	}
	return text;
}

const char *judge(const struct answer *a, OM_uint32 major, OM_uint32 minor, const char *list)
{
	static char what[5000];
	const char *text = status_text(a->major, a->minor), *end;

	if (a->major != major)
		snprintf(what, sizeof(what), "%s; due is %s", text, major_text(major));
	else if (minor == ANY_MINOR ? a->minor == 0 : a->minor != minor)
		snprintf(what, sizeof(what), "%s; due is minor 0x%08lx", text, (unsigned long)minor);
	else if (a->dirty != NULL)
		snprintf(what, sizeof(what), "%s; %s is not cleared", text, a->dirty);
	else if (a->seconds > limit_seconds)
		snprintf(what, sizeof(what), "%s; it took %.1f s", text, a->seconds);
	else {
		for (; *list != '\0'; list = *end == '\0' ? end : end + 1) {
			end = strchr(list, '|');
			if (end == NULL)
				end = list + strlen(list);
			if (!contains(text, list, (size_t)(end - list))) {
				snprintf(what, sizeof(what), "%s; \"%.*s\" is missing", text, (int)(end - list), list);
				return what;
			}
		}
		return NULL;
	}
	return what;
}

void expect(const char *name, const struct answer *a, OM_uint32 major, OM_uint32 minor, const char *list)
{
	const char *wrong = judge(a, major, minor, list), *why;

	if (getenv("CONDITIONS_VERBOSE") != NULL)
		printf("# %s: %.2f s, %s\n", name, a->seconds, status_text(a->major, a->minor));
	sane();
	if (wrong == NULL && !went_on(&why)) {
		verdict(name, 0, "afterwards nothing works: %s", why);
		return;
	}
	verdict(name, wrong == NULL, "%s", wrong == NULL ? "" : wrong);
}

void succeed(const char *name, const struct answer *a)
{
	const char *why;

	sane();
	if (GSS_ERROR(a->major))
		verdict(name, 0, "%s", status_text(a->major, a->minor));
	else if (a->seconds > limit_seconds)
		verdict(name, 0, "it took %.1f s", a->seconds);
	else if (!went_on(&why))
		verdict(name, 0, "afterwards nothing works: %s", why);
	else
		verdict(name, 1, " ");
}

/* Values that no call may leave in an output. */
#define POISON_NAME ((gss_name_t)(void *)&poison)
#define POISON_CRED ((gss_cred_id_t)(void *)&poison)
#define POISON_OID ((gss_OID)(void *)&poison)
#define POISON_NUMBER 0xdeadbeefu
static char poison;
static const gss_buffer_desc poison_buffer = { 77, &poison };

struct answer try_init(const char *service)
{
	return try_init_as(service, GSS_C_NT_HOSTBASED_SERVICE);
}

static struct answer init(gss_ctx_id_t *context, gss_name_t target, gss_buffer_t input)
{
	struct answer a = { 0, POISON_NUMBER, NULL, { 0, NULL }, 0 };
	gss_buffer_desc output = poison_buffer;
	gss_OID mech = POISON_OID;
	OM_uint32 flags = POISON_NUMBER, time_rec = POISON_NUMBER;
	int fresh = *context == GSS_C_NO_CONTEXT;
	double began = now();

	a.major = gss_init_sec_context(&a.minor, GSS_C_NO_CREDENTIAL, context, target, GSS_C_NO_OID, ALL_FLAGS, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, input, &mech, &output, &flags, &time_rec);
	a.seconds = now() - began;
	if (a.minor == POISON_NUMBER)
		a.dirty = "minor_status";
	else if (output.value == &poison)
		a.dirty = "output_token";
	else if (mech == POISON_OID)
		a.dirty = "actual_mech_type";
	else if (flags == POISON_NUMBER)
		a.dirty = "ret_flags";
	else if (time_rec == POISON_NUMBER)
		a.dirty = "time_rec";
	else if (GSS_ERROR(a.major) && fresh && *context != GSS_C_NO_CONTEXT)
		a.dirty = "context_handle";
	else if (GSS_ERROR(a.major) && !fresh && *context == GSS_C_NO_CONTEXT)
		a.dirty = "cve-2017-11462: the context of the caller";
	if (a.dirty == NULL || strcmp(a.dirty, "output_token") != 0)
		a.token = output;
	return a;
}

struct answer try_init_as(const char *target, gss_OID type)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc text = buffer(target);
	struct answer a = { 0, 0, NULL, { 0, NULL }, 0 };
	gss_name_t name;
	OM_uint32 ignored;

	a.major = gss_import_name(&a.minor, &text, type, &name);
	if (GSS_ERROR(a.major))
		return a;
	a = init(&context, name, GSS_C_NO_BUFFER);
	if (context != GSS_C_NO_CONTEXT)
		gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
	gss_release_name(&ignored, &name);
	return a;
}

struct answer try_reply(gss_ctx_id_t *context, const void *token, size_t length)
{
	gss_buffer_desc input;
	gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	struct answer a;
	OM_uint32 ignored;

	input.length = length;
	input.value = (void *)token;
	a = init(context, target, &input);
	gss_release_name(&ignored, &target);
	return a;
}

struct answer try_accept(const void *token, size_t length)
{
	return try_accept_as(GSS_C_NO_CREDENTIAL, token, length);
}

struct answer try_accept_as(gss_cred_id_t cred, const void *token, size_t length)
{
	struct answer a = { 0, POISON_NUMBER, NULL, { 0, NULL }, 0 };
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc input, output = poison_buffer;
	gss_name_t source = POISON_NAME;
	gss_cred_id_t delegated = POISON_CRED;
	gss_OID mech = POISON_OID;
	OM_uint32 flags = POISON_NUMBER, time_rec = POISON_NUMBER, ignored;
	double began = now();

	input.length = length;
	input.value = (void *)token;
	a.major = gss_accept_sec_context(&a.minor, &context, cred, &input, GSS_C_NO_CHANNEL_BINDINGS, &source, &mech,
	    &output, &flags, &time_rec, &delegated);
	a.seconds = now() - began;
	if (a.minor == POISON_NUMBER)
		a.dirty = "minor_status";
	else if (output.value == &poison)
		a.dirty = "output_token";
	else if (mech == POISON_OID)
		a.dirty = "mech_type";
	else if (flags == POISON_NUMBER)
		a.dirty = "ret_flags";
	else if (time_rec == POISON_NUMBER)
		a.dirty = "time_rec";
	else if (source == POISON_NAME || (GSS_ERROR(a.major) && source != GSS_C_NO_NAME))
		a.dirty = "src_name";
	else if (delegated == POISON_CRED || (GSS_ERROR(a.major) && delegated != GSS_C_NO_CREDENTIAL))
		a.dirty = "delegated_cred_handle";
	else if (GSS_ERROR(a.major) && context != GSS_C_NO_CONTEXT)
		a.dirty = "context_handle";
	if (a.dirty == NULL) {
		gss_release_name(&ignored, &source);
		gss_release_cred(&ignored, &delegated);
		a.token = output;
	}
	if (context != GSS_C_NO_CONTEXT)
		gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
	return a;
}

struct answer try_acquire(const char *name, gss_OID type, gss_cred_usage_t usage)
{
	struct answer a = { 0, POISON_NUMBER, NULL, { 0, NULL }, 0 };
	gss_cred_id_t cred = POISON_CRED;
	gss_OID_set mechs = (gss_OID_set)(void *)&poison;
	gss_name_t desired = GSS_C_NO_NAME;
	OM_uint32 time_rec = POISON_NUMBER, ignored;
	double began;

	if (name != NULL)
		desired = import(name, type);
	began = now();
	a.major = gss_acquire_cred(&a.minor, desired, 0, GSS_C_NO_OID_SET, usage, &cred, &mechs, &time_rec);
	a.seconds = now() - began;
	if (a.minor == POISON_NUMBER)
		a.dirty = "minor_status";
	else if (cred == POISON_CRED || (GSS_ERROR(a.major) && cred != GSS_C_NO_CREDENTIAL))
		a.dirty = "output_cred_handle";
	else if (mechs == (gss_OID_set)(void *)&poison)
		a.dirty = "actual_mechs";
	else if (time_rec == POISON_NUMBER)
		a.dirty = "time_rec";
	if (a.dirty == NULL) {
		gss_release_cred(&ignored, &cred);
		gss_release_oid_set(&ignored, &mechs);
	}
	if (desired != GSS_C_NO_NAME)
		gss_release_name(&ignored, &desired);
	return a;
}

struct answer try_import(const void *octets, size_t length, gss_OID type, gss_name_t *name)
{
	struct answer a = { 0, POISON_NUMBER, NULL, { 0, NULL }, 0 };
	gss_buffer_desc input;
	double began = now();

	input.length = length;
	input.value = (void *)octets;
	*name = POISON_NAME;
	a.major = gss_import_name(&a.minor, &input, type, name);
	a.seconds = now() - began;
	if (a.minor == POISON_NUMBER)
		a.dirty = "minor_status";
	else if (*name == POISON_NAME || (GSS_ERROR(a.major) && *name != GSS_C_NO_NAME))
		a.dirty = "output_name";
	if (a.dirty != NULL)
		*name = GSS_C_NO_NAME;
	return a;
}

struct answer accepted(void)
{
	gss_ctx_id_t context;
	gss_buffer_desc token;
	char *saved[COUNT(environment)];
	struct answer a;
	OM_uint32 ignored;
	size_t i;

	for (i = 0; i < COUNT(environment); i++) {
		saved[i] = getenv(environment[i].name);
		if (saved[i] != NULL && (saved[i] = strdup(saved[i])) == NULL)
			abort();
	}
	sane();
	token = first_token(&context, ALL_FLAGS);
	for (i = 0; i < COUNT(environment); i++) {
		if (saved[i] == NULL)
			unsetenv(environment[i].name);
		else
			setenv(environment[i].name, saved[i], 1);
		free(saved[i]);
	}
	a = try_accept(token.value, token.length);
	gss_release_buffer(&ignored, &token);
	gss_release_buffer(&ignored, &a.token);
	gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
	return a;
}

const char *put(const char *name, const void *octets, size_t length)
{
	const char *path = scratch(name);
	FILE *f;

	unlink(path); /* a file of another number: nothing of what was read is kept */
	f = fopen(path, "wb");
	if (f == NULL || fwrite(octets, 1, length, f) != length || fclose(f) != 0) {
		perror(path);
		exit(2);
	}
	return path;
}

const char *put_text(const char *name, const char *text)
{
	return put(name, text, strlen(text));
}

gss_buffer_desc get(const char *path)
{
	static char octets[1 << 16];
	FILE *f;
	size_t n;

	if (strncmp(path, "FILE:", 5) == 0)
		path += 5;
	f = fopen(path, "rb");
	if (f == NULL) {
		perror(path);
		exit(2);
	}
	n = fread(octets, 1, sizeof(octets), f);
	fclose(f);
	return copy_of(octets, n);
}

gss_buffer_desc noise(size_t length)
{
	gss_buffer_desc b;
	unsigned long x = 1;
	size_t i;

	b.length = length;
	b.value = malloc(length);
	if (b.value == NULL)
		abort();
	for (i = 0; i < length; i++) {
		x = (x * 1103515245 + 12345) & 0x7fffffff;
		((unsigned char *)b.value)[i] = (unsigned char)(x >> 16);
	}
	return b;
}

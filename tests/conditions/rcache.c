/* SPDX-License-Identifier: BSD-2-Clause */
/* The replay cache cannot be used. A server that cannot remember refuses: a replay would go unseen. */
#include "condition.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char file[512], path[512];

static void refused(const char *name, OM_uint32 minor, const char *list)
{
	struct answer a = accepted();

	expect(name, &a, GSS_S_FAILURE, minor, list);
}

/* fresh gives a directory of its own to the condition; file is that of the replay cache in it. */
static void fresh(const char *name)
{
	snprintf(path, sizeof(path), "%s", scratch(name));
	if (mkdir(path, 0755) != 0)
		perror(path);
	set("KRB5RCACHEDIR", "%s", path);
	snprintf(file, sizeof(file), "%.400s/krb5_%ld.rcache2", path, (long)geteuid());
}

static void replayed(void)
{
	gss_ctx_id_t context;
	gss_buffer_desc token = first_token(&context, ALL_FLAGS);
	struct answer a = try_accept(token.value, token.length);
	OM_uint32 ignored;

	gss_release_buffer(&ignored, &a.token);
	succeed("token-for-the-first-time", &a);
	a = try_accept(token.value, token.length);
	verdict("replay-answers-with-a-krb-error", a.token.length > 0, "no token");
	gss_release_buffer(&ignored, &a.token);
	expect("replay", &a, GSS_S_FAILURE, KRB5KRB_AP_ERR_REPEAT, words("accepted before|%s", scratch("krb5_")));

	/* Outside its encrypted parts the token can be changed: the cache looks at the authenticator's checksum. */
	((unsigned char *)token.value)[token.length - 1] ^= 1;
	a = try_accept(token.value, token.length);
	gss_release_buffer(&ignored, &a.token);
	expect("replay-with-another-checksum", &a, GSS_S_FAILURE, KRB5KRB_AP_ERR_BAD_INTEGRITY, "authenticator");
	gss_release_buffer(&ignored, &token);
	gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
}

int main(void)
{
	gss_buffer_desc garbage = noise(100000);
	struct answer a;
	int fd;

	start(120);
	replayed();
	set("KRB5RCACHEDIR", "/nonexistent/directory");
	refused("directory-missing", ANY_MINOR, "/nonexistent/directory/krb5_|no such file");
	set("KRB5RCACHEDIR", "%s", scratch("cc.tgt"));
	refused("directory-is-a-file", ANY_MINOR, words("%s/krb5_|not a directory", scratch("cc.tgt")));

	fresh("link");
	put("target", "", 0);
	if (symlink(scratch("target"), file) != 0)
		perror(file);
	refused("symbolic-link", ANY_MINOR, words("%s|symbolic link", file));
	fresh("dangling");
	if (symlink(scratch("nothing"), file) != 0)
		perror(file);
	refused("dangling-symbolic-link", ANY_MINOR, words("%s|symbolic link", file));
	verdict("dangling-symbolic-link-is-not-followed", access(scratch("nothing"), F_OK) != 0, "a file was made");
	fresh("isdir");
	if (mkdir(file, 0755) != 0)
		perror(file);
	refused("is-a-directory", ANY_MINOR, file);
	fresh("pipe");
	if (mkfifo(file, 0600) != 0)
		skip("named-pipe", "mkfifo failed");
	else
		refused("named-pipe", KRB5_RC_IO, words("%s|not a regular file", file));
	fresh("other");
	fd = open(file, O_CREAT | O_WRONLY, 0666);
	if (fd < 0 || fchown(fd, geteuid() + 1, (gid_t)-1) != 0)
		skip("owned-by-another", "only root can give a file away");
	else
		refused("owned-by-another", KRB5_RC_IO_PERM, words("%s|belongs to", file));
	if (fd >= 0)
		close(fd);
	sane();

	/* Names. */
	set("KRB5RCACHENAME", "nonsense:/x");
	refused("type-unknown", KRB5_RC_TYPE_NOTFOUND, "nonsense");
	set("KRB5RCACHENAME", "/var/tmp/no-type");
	refused("name-without-a-type", KRB5_RC_PARSE, "/var/tmp/no-type|no type");
	set("KRB5RCACHENAME", "file2:");
	refused("name-without-a-path", KRB5_RC_PARSE, "file2:|no path");
	set("KRB5RCACHENAME", "file2:%s", scratch("."));
	refused("path-of-a-directory", ANY_MINOR, words("%s|is a directory", scratch(".")));
	set("KRB5RCACHENAME", "file2:/dev/zero");
	refused("path-of-a-device", KRB5_RC_IO, "/dev/zero|not a regular file");
	set("KRB5RCACHENAME", NULL);
	set("KRB5RCACHETYPE", "nonsense");
	refused("type-alone-unknown", KRB5_RC_TYPE_NOTFOUND, "nonsense");
	set("KRB5RCACHENAME", "none:");
	a = accepted();
	succeed("none-keeps-nothing", &a);

	/* Contents. What is in the file can refuse a token or not; it cannot do harm, and a new token gets in. */
	fresh("noise");
	fd = open(file, O_CREAT | O_WRONLY, 0600);
	if (fd < 0 || write(fd, garbage.value, garbage.length) != (ssize_t)garbage.length || close(fd) != 0)
		perror(file);
	a = accepted();
	succeed("noise", &a);
	fresh("short");
	fd = open(file, O_CREAT | O_WRONLY, 0600);
	if (fd < 0 || write(fd, garbage.value, 7) != 7 || close(fd) != 0)
		perror(file);
	a = accepted();
	succeed("seven-octets", &a);
	fresh("sparse");
	fd = open(file, O_CREAT | O_WRONLY, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)3 << 30) != 0 || close(fd) != 0)
		perror(file);
	a = accepted();
	succeed("three-gibibytes-of-nothing", &a);
	free(garbage.value);
	return finish(96L << 10);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many generations of processes, each forked by the previous one, use what they inherit and add to it.
 */
#include "harness.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define GENERATIONS 100

static struct pair pair;
static gss_name_t names[GENERATIONS + 1];

static int works(int generation)
{
	gss_buffer_desc text = buffer("text"), token, message;
	char name[32];
	OM_uint32 minor;
	int i, ok;

	if (gss_wrap(&minor, pair.init, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token) != GSS_S_COMPLETE ||
	    gss_unwrap(&minor, pair.accept, &token, &message, NULL, NULL) != GSS_S_COMPLETE)
		return 0;
	ok = same(&text, &message);
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &message);
	for (i = 0; i < generation; i++) {
		gss_buffer_desc shown = GSS_C_EMPTY_BUFFER;

		snprintf(name, sizeof(name), "user%d", i);
		if (GSS_ERROR(gss_display_name(&minor, names[i], &shown, NULL)) || strcmp(shown.value, name) != 0)
			ok = 0;
		gss_release_buffer(&minor, &shown);
	}
	snprintf(name, sizeof(name), "user%d", generation);
	names[generation] = import(name, GSS_C_NT_USER_NAME);
	return ok;
}

static int live(int generation)
{
	pid_t pid;
	int status = -1;

	if (!works(generation))
		return 1;
	if (generation == GENERATIONS)
		return 0;
	pid = fork();
	if (pid == 0)
		_exit(live(generation + 1));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 2;
	return WEXITSTATUS(status);
}

int main(void)
{
	begin(170);
	need_pair(&pair, NULL);
	fflush(stdout);
	check(live(0) == 0, "a generation does not work");
	fact("generations: done");
	release_pair(&pair);
	return end();
}

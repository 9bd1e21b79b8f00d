/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does the cluster say of our jobs? */
#include "lab/campaign/slurm.h"

#include <stdint.h>
#include <string.h>

#include "lab/base/interrupt.h"

/* What a command printed, and how it ended. */
struct said {
	char *out, *err;
	bool there, good;
};

static void said_clear(struct said *said) {
	g_free(said->out);
	g_free(said->err);
}

static void in_child(gpointer none) {
	(void)none;
	interrupt_unblock();
}

static struct said ask(char **command) {
	struct said said = {0};
	g_autoptr(GError) error = NULL;
	int status = 0;

	said.there = g_spawn_sync(NULL, command, NULL, G_SPAWN_SEARCH_PATH, in_child, NULL,
	                          &said.out, &said.err, &status, &error);
	said.good = said.there && g_spawn_check_wait_status(status, NULL);
	return said;
}

/* The line that says what is wrong: administrators may have it greet people first. */
static char *telling_line(const char *text) {
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

	for (unsigned i = 0; lines[i]; i++)
		if (strstr(lines[i], "error"))
			return g_strdup(lines[i]);
	return g_strdup(lines[0] ? lines[0] : "");
}

static bool is_id(const char *text) { return *text && strspn(text, "0123456789") == strlen(text); }

char *slurm_submit(const char *script, unsigned tasks, const char *log, char **options,
                   GError **error) {
	g_autofree char *array = g_strdup_printf("--array=0-%u", tasks - 1);
	g_autofree char *output = g_strconcat("--output=", log, NULL), *line = NULL;
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	char *fixed[] = {(char *)"sbatch",
	                 (char *)"--parsable",
	                 (char *)"--job-name=sopsim",
	                 (char *)"--no-requeue",
	                 array,
	                 output};
	struct said said;
	char *id = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(fixed); i++)
		g_ptr_array_add(words, fixed[i]);
	for (; options && *options; options++)
		g_ptr_array_add(words, *options);
	g_ptr_array_add(words, (gpointer)(uintptr_t)script);
	g_ptr_array_add(words, NULL);
	said = ask((char **)words->pdata);
	if (said.good) /* "17", or "17;cluster" */
		id = g_strndup(said.out, strcspn(said.out, ";\n"));
	if (id && is_id(id)) {
		said_clear(&said);
		return id;
	}
	g_clear_pointer(&id, g_free);
	line = telling_line(said.good ? said.out : said.err);
	if (!said.there)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "--slurm: there is no sbatch; allowed: on a machine that submits to "
		            "Slurm");
	else
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "--slurm: %s; allowed: what `man sbatch` knows, in --slurm-option",
		            line);
	said_clear(&said);
	return NULL;
}

enum slurm_state slurm_look(const char *job) {
	char *command[] = {(char *)"squeue", (char *)"--noheader",   (char *)"--format=%T",
	                   (char *)"--jobs", (char *)(uintptr_t)job, NULL};
	struct said said = ask(command);
	enum slurm_state state = SLURM_UNKNOWN;

	if (said.good)
		state = *g_strstrip(said.out) ? SLURM_ACTIVE : SLURM_OVER;
	else if (said.there && strstr(said.err, "Invalid job id"))
		state = SLURM_OVER;
	said_clear(&said);
	return state;
}

void slurm_cancel(const char *job) {
	char *command[] = {(char *)"scancel", (char *)(uintptr_t)job, NULL};
	struct said said = ask(command);

	said_clear(&said);
}

unsigned slurm_processors(void) {
	/* "1/1/0/2" for each partition: allocated, idle, other, all of them. */
	char *command[] = {(char *)"sinfo", (char *)"--noheader", (char *)"--format=%C", NULL};
	struct said said = ask(command);
	g_auto(GStrv) lines = g_strsplit(said.good ? said.out : "", "\n", -1);
	guint64 most = 0;

	for (unsigned i = 0; lines[i]; i++) {
		const char *slash = strrchr(lines[i], '/');

		if (slash)
			most = MAX(most, g_ascii_strtoull(slash + 1, NULL, 10));
	}
	said_clear(&said);
	return (unsigned)MIN(most, 1000000);
}

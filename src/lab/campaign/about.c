/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this machine, this day and these runs were like, as JSON. */
#include "lab/campaign/about.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "lab/campaign/json_put.h"

static void put_seconds(JsonBuilder *b, const char *name, double seconds) {
	json_builder_set_member_name(b, name);
	json_builder_add_double_value(b, seconds);
}

/* As it was typed, or nearly. */
static char *command_line(void) {
	g_autofree char *bytes = NULL;
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
	gsize length = 0;

	if (!g_file_get_contents("/proc/self/cmdline", &bytes, &length, NULL))
		return g_strdup("");
	for (gsize at = 0; at < length; at += strlen(bytes + at) + 1) {
		const char *word = bytes + at;
		bool plain = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		                          "0123456789-_./=,:%+@") == strlen(word);

		g_ptr_array_add(words, plain && *word ? g_strdup(word) : g_shell_quote(word));
	}
	g_ptr_array_add(words, NULL);
	g_autofree char *line = g_strjoinv(" ", (char **)words->pdata);
	return g_utf8_make_valid(line, -1);
}

static void put_machine(JsonBuilder *b) {
	struct utsname name;

	if (uname(&name) < 0)
		return;
	json_builder_set_member_name(b, "machine");
	json_builder_begin_object(b);
	put_text(b, "host", name.nodename);
	put_text(b, "system", name.sysname);
	put_text(b, "release", name.release);
	put_text(b, "processor", name.machine);
	put_whole(b, "processors", g_get_num_processors());
	json_builder_end_object(b);
}

/* Since this process was made, by the kernel's own note of it: in ticks since the machine was. */
static double seconds_since_start(void) {
	g_autofree char *stat = NULL;
	struct timespec now;
	const char *at;

	if (!g_file_get_contents("/proc/self/stat", &stat, NULL, NULL) ||
	    clock_gettime(CLOCK_BOOTTIME, &now) < 0)
		return 0;
	/* The 22nd word; the second may hold blanks, but ends at the last bracket. */
	at = strrchr(stat, ')');
	for (unsigned i = 2; at && i < 22; i++)
		at = strchr(at + 1, ' ');
	if (!at)
		return 0;
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9 -
	       g_ascii_strtod(at + 1, NULL) / (double)sysconf(_SC_CLK_TCK);
}

static void put_runs(JsonBuilder *b, const struct about_run *runs, guint n) {
	json_builder_set_member_name(b, "runs");
	json_builder_begin_object(b);
	for (guint i = 0; i < n; i++) {
		json_builder_set_member_name(b, runs[i].id);
		json_builder_begin_object(b);
		put_seconds(b, "wall_s", runs[i].wall_s);
		put_seconds(b, "cpu_s", runs[i].cpu_s);
		put_whole(b, "peak_kib", runs[i].peak_kib);
		json_builder_end_object(b);
	}
	json_builder_end_object(b);
}

GString *about_json(const struct about_run *runs, guint n) {
	g_autoptr(JsonBuilder) b = json_builder_new();
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *date = g_date_time_format_iso8601(now), *command = command_line();
	struct rusage children;
	long peak = 0;

	json_builder_begin_object(b);
	put_text(b, "date", date);
	put_text(b, "command", command);
	put_machine(b);
	put_seconds(b, "wall_s", seconds_since_start());
	/* Of those that have ended: runs tell of themselves before. */
	if (getrusage(RUSAGE_CHILDREN, &children) == 0)
		peak = children.ru_maxrss;
	for (guint i = 0; i < n; i++)
		peak = MAX(peak, runs[i].peak_kib);
	put_whole(b, "peak_kib", peak);
	put_runs(b, runs, n);
	json_builder_end_object(b);
	return json_built(b);
}
